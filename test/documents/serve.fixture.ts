import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from '../../tools/embedded-server/free-port.js';

/**
 * Starts an application on a free port, and ends it by SIGTERM when `work` is done.
 *
 * @returns its log
 */
export async function serve(
  node: string,
  file: string,
  environment: NodeJS.ProcessEnv,
  work: (url: string) => Promise<void>,
): Promise<string> {
  const port = await findFreePort();
  const app = spawn(node, [file], {
    env: { ...environment, PORT: `${port}`, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(app, 'close');
  let log = '';
  app.stdout.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  try {
    await work(`http://127.0.0.1:${port}`);
  } finally {
    app.kill('SIGTERM');
    await ended;
  }
  return log;
}
