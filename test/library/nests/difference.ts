/** Where two values differ: a line for each place, as `path: without -> with`. */
export function differences(without: unknown, withModule: unknown, path = ''): string[] {
  if (Object.is(without, withModule)) return [];
  if (isObject(without) && isObject(withModule) && Array.isArray(without) === Array.isArray(withModule)) {
    const keys = new Set([...Object.keys(without), ...Object.keys(withModule)]);
    return [...keys].flatMap((key) => differences(own(without, key), own(withModule, key), `${path}/${key}`));
  }
  return [`${path}: ${show(without)} -> ${show(withModule)}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}
