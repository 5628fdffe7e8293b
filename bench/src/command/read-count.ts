/** @throws Error when an option of the command line is no whole number from 1 to `max` */
export function readCount(name: string, text: string, max = 1_000): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new Error(`--${name} must be a whole number from 1 to ${max}, not "${text}"`);
}
