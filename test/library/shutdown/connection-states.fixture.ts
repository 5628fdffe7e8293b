import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { ClosingProcess } from './closing-process.fixture.js';
import { type Adapter, ADAPTERS, type Plan, SAYS, TLS_KEY, TLS_SETTINGS } from './plan.fixture.js';

/** What a client has done to an application, and how it lets go. */
export interface Client {
  leave(): void;
}

/** A client that wants something of the application which it must not get for ever. */
export interface ConnectionState {
  name: string;
  /** How the application is made for it. */
  plan?: Partial<Plan>;
  /** Where it exists; everywhere by default. */
  adapters?: readonly Adapter[];
  /** Resolves when the application is in this state. */
  establish(application: ClosingProcess): Promise<Client>;
}

const HOST = '127.0.0.1';
const SECOND_HOST = '127.0.0.2';
const KEPT = 'Host: localhost\r\nConnection: keep-alive\r\n\r\n';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${KEPT}`;

async function open(port: number, host = HOST): Promise<Socket> {
  const socket = connect({ port, host, allowHalfOpen: true });
  socket.on('error', () => undefined); // being cut off is what it is here for
  await once(socket, 'connect');
  return socket;
}

/** The client of one socket, which says this and waits for what comes, if anything should. */
async function say(socket: Socket, text: string, answer?: RegExp): Promise<Client> {
  if (text !== '') await new Promise((resolve) => socket.write(text, resolve));
  if (answer !== undefined) await hear(socket, answer);
  socket.resume();
  return { leave: () => socket.destroy() };
}

async function hear(socket: Socket, expected: RegExp): Promise<void> {
  let heard = '';
  while (!expected.test(heard)) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    heard += data.toString('latin1');
  }
}

/** Nobody says that bytes have arrived; one whole request later than they did they have. */
async function arrived(application: ClosingProcess, client: Client): Promise<Client> {
  const probe = await say(await open(application.ports.port), get('/quick'), /quick$/);
  probe.leave();
  return client;
}

function saying(text: string, answer?: RegExp): ConnectionState['establish'] {
  return async (application) => {
    const client = await say(await open(application.ports.port), text, answer);
    return arrived(application, client);
  };
}

/** A request whose handler never ends. */
async function waiting(application: ClosingProcess, socket: Socket, more = ''): Promise<Client> {
  const before = application.count(SAYS.working);
  const client = await say(socket, get('/waiting') + more);
  await application.says(SAYS.working, before + 1);
  return client;
}

async function slowReader({ ports }: ClosingProcess): Promise<Client> {
  const socket = await open(ports.port);
  socket.write(get('/large'));
  await once(socket, 'data');
  socket.pause();
  return { leave: () => socket.destroy() };
}

/** Connects, says nothing, and connects again as soon as it is cut off or refused, until it leaves. */
async function reconnecting({ ports }: ClosingProcess): Promise<Client> {
  let left = false;
  const sockets = new Set<Socket>();
  const again = (): void => {
    if (left) return;
    const socket = connect({ port: ports.port, host: HOST });
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      setTimeout(again, 2);
    });
  };
  for (let clients = 0; clients < 4; clients++) again();
  await open(ports.port).then((socket) => sockets.add(socket));
  return {
    leave: () => {
      left = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** New silent connections, one every few milliseconds, before, at and after the deadline. */
async function newcomers({ ports }: ClosingProcess): Promise<Client> {
  const sockets: Socket[] = [];
  const timer = setInterval(() => {
    const socket = connect({ port: ports.port, host: HOST });
    socket.on('error', () => undefined);
    sockets.push(socket);
  }, 5);
  await open(ports.port).then((socket) => sockets.push(socket));
  return {
    leave: () => {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function tlsIdle({ ports }: ClosingProcess): Promise<Client> {
  const socket = connectTls({
    port: ports.port,
    host: HOST,
    pskCallback: () => ({ psk: TLS_KEY, identity: 'client' }),
    checkServerIdentity: () => undefined,
    ...TLS_SETTINGS,
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return say(socket, get('/quick'), /quick$/);
}

async function http2(
  { ports }: ClosingProcess,
  path: string,
  answered: (session: ClientHttp2Session) => Promise<void>,
): Promise<Client> {
  const session = connectHttp2(`http://${HOST}:${ports.port}`);
  session.on('error', () => undefined);
  const stream = session.request({ ':path': path });
  stream.on('error', () => undefined);
  stream.resume();
  if (path === '/quick') await once(stream, 'end');
  await answered(session);
  return { leave: () => session.destroy() };
}

/** The states in which a connection can be when the application has to end. */
export const STATES: readonly ConnectionState[] = [
  { name: 'nobody', establish: () => Promise.resolve({ leave: () => undefined }) },
  { name: 'silent', establish: saying('') },
  { name: 'half a head', establish: saying('GET /quick HTTP/1.1\r\nHost: loc') },
  { name: 'half a head after an answer', establish: saying(`${get('/quick')}GET /qui`, /quick$/) },
  {
    name: 'half a body',
    establish: saying(
      `POST /quick HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n${KEPT}{"a"`,
    ),
  },
  {
    name: 'half a chunk',
    establish: saying(
      `POST /quick HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n${KEPT}5\r\n{"a`,
    ),
  },
  {
    name: 'waiting to continue',
    establish: saying(
      `POST /quick HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n${KEPT}`,
      /100 Continue/,
    ),
  },
  {
    name: 'kept alive and idle',
    establish: saying(get('/quick'), /quick$/),
  },
  {
    name: 'request in a handler',
    establish: async (application) => waiting(application, await open(application.ports.port)),
  },
  {
    name: 'request behind another',
    establish: async (application) =>
      waiting(application, await open(application.ports.port), get('/waiting') + get('/quick')),
  },
  {
    name: 'half closed, request in a handler',
    establish: async (application) => {
      const socket = await open(application.ports.port);
      const client = await waiting(application, socket);
      socket.end();
      return client;
    },
  },
  { name: 'slow reader of a large answer', establish: slowReader },
  { name: 'endless event stream', establish: saying(get('/events'), /data: 3/) },
  {
    name: 'upgraded',
    establish: saying(
      `GET /quick HTTP/1.1\r\nUpgrade: raw\r\nConnection: Upgrade\r\nHost: localhost\r\n\r\n`,
      /101/,
    ),
  },
  {
    name: 'TLS, silent before the handshake',
    plan: { transport: 'tls' },
    establish: async ({ ports }) => say(await open(ports.port), ''),
  },
  { name: 'TLS, kept alive and idle', plan: { transport: 'tls' }, establish: tlsIdle },
  {
    name: 'HTTP/2, idle session',
    plan: { transport: 'http2' },
    adapters: ['fastify'],
    establish: (application) => http2(application, '/quick', async () => undefined),
  },
  {
    name: 'HTTP/2, stream in a handler',
    plan: { transport: 'http2' },
    adapters: ['fastify'],
    establish: (application) => http2(application, '/waiting', () => application.says(SAYS.working)),
  },
  { name: 'connects after the cut-off', plan: { laterHook: 300 }, establish: newcomers },
  { name: 'reconnects for ever', establish: reconnecting },
  {
    name: 'second server, silent',
    plan: { second: 'hand-made' },
    establish: async ({ ports }) => say(await open(ports.second), ''),
  },
  {
    name: 'second server, request in a handler',
    plan: { second: 'hand-made' },
    establish: async (application) => waiting(application, await open(application.ports.second)),
  },
  {
    name: 'second server for localhost, silent',
    plan: { second: 'localhost' },
    adapters: ['fastify'],
    establish: async ({ ports }) => say(await open(ports.second, SECOND_HOST), ''),
  },
  {
    name: 'second server for localhost, request in a handler',
    plan: { second: 'localhost' },
    adapters: ['fastify'],
    establish: async (application) => waiting(application, await open(application.ports.second, SECOND_HOST)),
  },
  {
    name: 'creation in flight',
    plan: { creation: 600 },
    establish: async (application) => {
      const client = await say(await open(application.ports.port), get('/quick'));
      await application.says(SAYS.creating);
      return client;
    },
  },
];

/** Whether a state exists on an adapter. */
export function existsOn({ adapters = ADAPTERS }: ConnectionState, adapter: Adapter): boolean {
  return adapters.includes(adapter);
}

/** Honest clients that ask all the time, over kept connections, and see whether an answer breaks off. */
export class Load implements Client {
  broken = 0;
  answered = 0;
  private left = false;
  private readonly clients: Promise<void>[];

  constructor(
    private readonly port: number,
    count = 8,
  ) {
    this.clients = Array.from({ length: count }, () => this.ask());
  }

  async flowing(): Promise<void> {
    while (this.answered < 50) await delay(5);
  }

  leave(): void {
    this.left = true;
  }

  async over(): Promise<void> {
    this.leave();
    await Promise.all(this.clients);
  }

  private async ask(): Promise<void> {
    while (!this.left) {
      const socket = connect({ port: this.port, host: HOST });
      let heard = '';
      socket.on('error', () => undefined);
      socket.on('connect', () => socket.write(get('/quick')));
      socket.on('data', (data) => {
        heard += data.toString('latin1');
        if (!/\r\n\r\n(?:quick|\{.*\}|Service Unavailable)$/.test(heard)) return;
        this.answered++;
        const last = this.left || /connection: close/i.test(heard);
        heard = '';
        if (last) socket.end();
        else socket.write(get('/quick'));
      });
      await once(socket, 'close').catch(() => undefined);
      if (heard !== '') this.broken++;
      if (!this.left) await delay(2);
    }
  }
}
