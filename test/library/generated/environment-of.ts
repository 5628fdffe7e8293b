import { delimiter, dirname } from 'node:path';

/** What npm runs then runs on that Node. */
export function environmentOf(node: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: '',
    PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`,
  };
}
