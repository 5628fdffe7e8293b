import type { ChildProcess } from 'node:child_process';

/** The next message of a process; it rejects when the process ends instead. */
export function messageOf<M>(child: ChildProcess): Promise<M> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('a process has ended: what it wrote says why'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as M); // what its program sends
    });
  });
}
