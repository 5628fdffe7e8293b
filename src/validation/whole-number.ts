import { Schema } from './schema.js';

/** Reads a path or query parameter. */
export function wholeNumber({ min, max }: { min: number; max: number }): Schema<number> {
  return new Schema<number>((value) => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max
      ? { value: number }
      : { issues: [{ message: `must be a whole number from ${min} to ${max}` }] };
  });
}
