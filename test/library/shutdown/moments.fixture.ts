import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClosingProcess } from './closing-process.fixture.js';
import { type ConnectionState, Load } from './connection-states.fixture.js';
import { type Plan, SAYS } from './plan.fixture.js';

/** How and when an application is told to end. */
export interface Moment {
  name: string;
  plan?: Partial<Plan>;
  /** Whether the application has to listen before; otherwise only what doesn't need that can be tried. */
  listening: boolean;
  /** Whether it is asked over plain HTTP to close itself; it then ends when nothing keeps it alive any more. */
  byRequest: boolean;
  /** Resolves when the application has been told. */
  tell(application: ClosingProcess): Promise<void>;
  /** Whether honest clients keep asking meanwhile. */
  load?: boolean;
}

/** Between two signals of somebody who insists. */
const INSIST = 50;

async function terminate(application: ClosingProcess): Promise<void> {
  application.kill('SIGTERM');
}

/** The answer may never come; that the application heard it, it says. */
function ask(path: string): Moment['tell'] {
  return async (application) => {
    const socket = connect({ port: application.ports.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.resume();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await application.says(SAYS.closing);
  };
}

export const MOMENTS: readonly Moment[] = [
  { name: 'SIGTERM', listening: true, byRequest: false, tell: terminate },
  { name: 'SIGTERM under load', listening: true, byRequest: false, tell: terminate, load: true },
  {
    name: 'SIGTERM twice',
    listening: true,
    byRequest: false,
    tell: async (application) => {
      application.kill('SIGTERM');
      await delay(INSIST);
      application.kill('SIGTERM');
    },
  },
  { name: 'close() in a handler', listening: true, byRequest: true, tell: ask('/close') },
  { name: 'close() twice in a handler', listening: true, byRequest: true, tell: ask('/close-twice') },
  { name: 'close() that its handler awaits', listening: true, byRequest: true, tell: ask('/close-and-wait') },
  {
    name: 'SIGTERM during close()',
    listening: true,
    byRequest: true,
    tell: async (application) => {
      await ask('/close')(application);
      application.kill('SIGTERM');
    },
  },
  {
    name: 'SIGTERM during the start',
    plan: { bootstrap: 300 },
    listening: false,
    byRequest: false,
    tell: async (application) => {
      await application.says(SAYS.bootstrapping);
      application.kill('SIGTERM');
    },
  },
  {
    name: 'close() before it listens',
    plan: { closeWhileListening: true },
    listening: false,
    byRequest: false,
    tell: (application) => application.says(SAYS.closing),
  },
];

/** Whether a moment can come in a state. */
export function meet(state: ConnectionState, moment: Moment): boolean {
  if (!moment.listening) return state.name === 'nobody';
  const { transport = 'plain', second = 'none' } = state.plan ?? {};
  if (moment.load === true || moment.byRequest) {
    // Nobody but its owner closes a second server that was made by hand, so that it would keep the process alive.
    return transport === 'plain' && (second !== 'hand-made' || !moment.byRequest);
  }
  return true;
}

export function loadOn(application: ClosingProcess): Load {
  return new Load(application.ports.port);
}
