/** What has become of a new generation since the switch to it, at one moment. Of a keyed type, over the keys that have a pool. */
export interface GenerationStats {
  /** Milliseconds since the switch. */
  age: number;
  /** Its resources in service, a count. */
  size: number;
  /** Loans of its resources, a count. */
  acquired: number;
  /** Loans of its resources whose work threw, and resources of it that broke; an answer to a client, such as a 404, is none. A count. */
  failures: number;
  /** `failures` for each loan, from 0; 0 as long as there are no loans. */
  errorRate: number;
  /** Callers that wait now, a count. */
  pending: number;
  /** For how many milliseconds the first of them has been waiting; 0 when nobody is. */
  waiting: number;
  /** Callers whose deadline has passed in the queue, a count. */
  timeouts: number;
}
