import { Schema, type Issue } from '../validation/schema.js';
import type { OrderDraft } from './order.js';

const MAX_TEXT = 200;
const MAX_QUANTITY = 1_000_000;
const MAX_PRICE = 1_000_000;

type Check = (value: unknown) => string | undefined;

// PostgreSQL has no text with a zero byte in it.
export const checkText: Check = (value) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT && !value.includes('\0')
    ? undefined
    : `must be a text of 1 to ${MAX_TEXT} characters`;

const quantity: Check = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_QUANTITY
    ? undefined
    : `must be a whole number from 1 to ${MAX_QUANTITY}`;

const price: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= MAX_PRICE && Number(value.toFixed(2)) === value
    ? undefined
    : `must be a number from 0 to ${MAX_PRICE} with at most two decimals`;

const CHECKS: Record<keyof OrderDraft, Check> = { customer: checkText, item: checkText, quantity, price };

export const orderDraft = new Schema<OrderDraft>((value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { issues: [{ message: 'must be an object' }] };
  }
  const fields = value as Record<keyof OrderDraft, never>;
  const issues: Issue[] = [];
  for (const [name, check] of Object.entries(CHECKS) as [keyof OrderDraft, Check][]) {
    const message = check(fields[name]);
    if (message) {
      issues.push({ message, path: [name] });
    }
  }
  const { customer, item, quantity, price } = fields;
  return issues.length > 0 ? { issues } : { value: { customer, item, quantity, price } };
});
