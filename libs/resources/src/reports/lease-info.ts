/** Who holds what, and since when, for people. */
export interface LeaseInfo {
  /** Unique within the process's pool: `pg#17`, in a keyed one `pg[acme]#17`. For people and logs: names are escaped. */
  id: string;
  type: string;
  /** In a keyed pool, the key that it is for. */
  key?: string;
  /** The number by which events name its resource, unique within its pool. A cached resource has none: its key names it. */
  resourceId?: number;
  owner: string;
  acquiredAt: Date;
  /** Milliseconds. */
  age: number;
  /** Where it was acquired, when stacks are captured. */
  stack?: string;
}

/** Who holds what of a cache, and since when, for people. */
export interface CacheLeaseInfo {
  /** Unique within the cache: `tenantDb#17`. */
  id: string;
  /** The cache's name. */
  type: string;
  key: string;
  owner: string;
  acquiredAt: Date;
  /** Milliseconds. */
  age: number;
  /** Where it was acquired, when stacks are captured. */
  stack?: string;
}
