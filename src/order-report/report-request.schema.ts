import { checkText } from '../orders/order-draft.schema.js';
import { Schema, type Issue } from '../validation/schema.js';

/** Bounds what a report takes of memory: 100,000 orders are some 30 MB in its thread. */
const MOST_ORDERS = 100_000;

/** What a report is to tell. */
export interface ReportRequest {
  readonly title: string;
  /** How many orders it is about: the latest ones. */
  readonly last: number;
}

export const reportRequest = new Schema<ReportRequest>((value) => {
  const { title, last = MOST_ORDERS } = Object(value) as Partial<Record<keyof ReportRequest, unknown>>;
  const issues: Issue[] = [];
  const problem = checkText(title);
  if (problem !== undefined) issues.push({ message: problem, path: ['title'] });
  if (typeof last !== 'number' || !Number.isInteger(last) || last < 1 || last > MOST_ORDERS)
    issues.push({ message: `must be a whole number from 1 to ${MOST_ORDERS}`, path: ['last'] });
  return issues.length > 0 ? { issues } : { value: { title, last } as ReportRequest };
});
