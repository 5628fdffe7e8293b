import { checkText } from '../orders/order-draft.schema.js';
import { Schema } from '../validation/schema.js';

export interface NoteDraft {
  readonly text: string;
}

export const noteDraft = new Schema<NoteDraft>((value) => {
  const { text } = (value ?? {}) as { text?: unknown };
  const message = checkText(text);
  return message === undefined
    ? { value: { text: text as string } }
    : { issues: [{ message, path: ['text'] }] };
});
