import { MAX_POOL } from '../settings.js';
import { Schema, type Issue } from '../validation/schema.js';

const MAX_NAME = 200;

export interface PoolChange {
  max: number;
  /** Who asks for it, for the history. */
  by?: string;
}

export const poolChange = new Schema<PoolChange>((value) => {
  const { max, by } = Object(value) as Partial<Record<keyof PoolChange, unknown>>;
  const issues: Issue[] = [];
  if (typeof max !== 'number' || !Number.isInteger(max) || max < 1 || max > MAX_POOL)
    issues.push({ message: `must be a whole number from 1 to ${MAX_POOL}`, path: ['max'] });
  if (by !== undefined && (typeof by !== 'string' || by.length > MAX_NAME))
    issues.push({ message: `must be a text of at most ${MAX_NAME} characters`, path: ['by'] });
  return issues.length > 0 ? { issues } : { value: { max, by } as PoolChange };
});
