import { gzipSync } from 'node:zlib';
import { setImmediate as turn } from 'node:timers/promises';
import type { Adapter } from './plan.fixture.js';
import { head, Wire } from './wire.fixture.js';

/** What becomes of the connection: it is kept for the next request, and idles at last; or it is reset. */
export type Fate = 'kept' | 'reset';

/** One way in which a request ends, most of them early. */
export interface EarlyEnd {
  name: string;
  fates: readonly Fate[];
  /** Whether the application needs middleware for it. */
  middleware?: true;
  adapters?: readonly Adapter[];
  /** Whether each costs as much as many others, so that a short run makes fewer of them. */
  heavy?: true;
  /** Made inside the application's process, without a network. */
  within?: 'emulated' | 'injected';
  /** Does it once, on this connection. Whether that is kept afterwards is not its business. */
  once(wire: Wire, serial: number): Promise<unknown>;
}

const ZIPPED = gzipSync(
  JSON.stringify({ greeting: 'hello', items: Array.from({ length: 20 }, (_, item) => ({ item })) }),
);
const MEGABYTE = Buffer.from(`"${'x'.repeat(1024 * 1024 - 2)}"`);
const JSON_TYPE = 'Content-Type: application/json';

const zippedHead = (serial: number): string =>
  head(serial, 'POST /body', JSON_TYPE, 'Content-Encoding: gzip', `Content-Length: ${ZIPPED.length}`);
const longHead = (serial: number, ...headers: string[]): string =>
  head(serial, 'POST /body', JSON_TYPE, `Content-Length: ${MEGABYTE.length}`, ...headers);
const get = (serial: number, path: string): string => head(serial, `GET ${path}`);

const BOTH: readonly Fate[] = ['kept', 'reset'];
const RESET: readonly Fate[] = ['reset'];

/** A request that is answered: the connection may live on. */
function answered(
  name: string,
  request: (serial: number) => (string | Buffer)[],
  more: Partial<EarlyEnd> = {},
): EarlyEnd {
  return {
    name,
    fates: BOTH,
    once: async (wire, serial) => {
      await wire.send(...request(serial));
      await wire.answer();
    },
    ...more,
  };
}

/** A request that is given up as soon as this has been sent, at once or some turns later. */
function givenUp(
  name: string,
  request: (serial: number) => (string | Buffer)[],
  more: Partial<EarlyEnd> = {},
): EarlyEnd {
  return {
    name,
    fates: RESET,
    once: async (wire, serial) => {
      await wire.send(...request(serial));
      for (let turns = serial % 4; turns > 0; turns--) await turn();
    },
    ...more,
  };
}

/** A request of whose answer something is read before it is given up. */
function leftAfter(
  name: string,
  bytes: number,
  request: (serial: number) => string,
  more: Partial<EarlyEnd> = {},
): EarlyEnd {
  return {
    name,
    fates: RESET,
    once: async (wire, serial) => {
      await wire.send(request(serial));
      await wire.bytes(bytes);
      wire.pause();
    },
    ...more,
  };
}

const upgrade = (serial: number, path: string): string =>
  head(serial, `GET ${path}`, 'Connection: Upgrade', 'Upgrade: raw');

export const ENDS: readonly EarlyEnd[] = [
  answered('answered', (serial) => [get(serial, '/plain')]),
  answered('no such route', (serial) => [get(serial, `/missing/${serial}`)]),
  answered('body for no such route', (serial) => [
    head(serial, 'POST /missing', JSON_TYPE, `Content-Length: ${ZIPPED.length}`, 'Content-Encoding: gzip'),
    ZIPPED,
  ]),
  answered('handler throws', (serial) => [get(serial, '/fails')]),
  answered('gzip body', (serial) => [zippedHead(serial), ZIPPED]),
  answered('broken gzip body', (serial) => [zippedHead(serial), Buffer.alloc(ZIPPED.length, 'x')]),
  answered('body of 1 MB', (serial) => [longHead(serial), MEGABYTE], { heavy: true }),
  {
    name: 'HEAD',
    fates: BOTH,
    once: async (wire, serial) => {
      await wire.send(head(serial, 'HEAD /plain'));
      await wire.answer(false);
    },
  },
  {
    name: 'Expect: 100-continue',
    fates: BOTH,
    once: async (wire, serial) => {
      await wire.send(
        head(
          serial,
          'POST /body',
          JSON_TYPE,
          'Expect: 100-continue',
          `Content-Length: ${ZIPPED.length}`,
          'Content-Encoding: gzip',
        ),
      );
      await wire.answer(false);
      await wire.send(ZIPPED);
      await wire.answer();
    },
  },
  {
    name: 'Expect: 100-continue, given up',
    fates: RESET,
    once: async (wire, serial) => {
      await wire.send(longHead(serial, 'Expect: 100-continue'));
      await wire.answer(false);
    },
  },
  {
    name: 'pipelined',
    fates: BOTH,
    once: async (wire, serial) => {
      await wire.send(get(serial, '/slow'), get(serial, '/plain'), get(serial, '/plain'));
      for (let answers = 0; answers < 3; answers++) await wire.answer();
    },
  },
  givenUp('pipelined, given up', (serial) => [
    get(serial, '/slow'),
    get(serial, '/plain'),
    get(serial, '/large'),
  ]),
  givenUp('gzip body, given up', (serial) => [zippedHead(serial), ZIPPED]),
  givenUp('half a gzip body', (serial) => [zippedHead(serial), ZIPPED.subarray(0, ZIPPED.length / 2)]),
  givenUp('upload, given up', (serial) => [longHead(serial), MEGABYTE.subarray(0, 100_000)]),
  givenUp('head without its body', (serial) => [longHead(serial)]),
  givenUp('half a head', (serial) => [get(serial, '/plain').slice(0, 30)]),
  givenUp('half a chunk', (serial) => [
    head(serial, 'POST /body', JSON_TYPE, 'Transfer-Encoding: chunked'),
    '10\r\n{"greeting":',
  ]),
  givenUp('no HTTP', () => ['EHLO localhost\r\n\r\n']),
  givenUp('given up in the guard', (serial) => [get(serial, '/guarded')]),
  givenUp('given up in the handler', (serial) => [get(serial, '/patient')]),
  leftAfter('slow reader who leaves', 1, (serial) => get(serial, '/large')),
  leftAfter('event stream, left', 300, (serial) => get(serial, '/events')),
  leftAfter('upgraded', 1, (serial) => upgrade(serial, '/socket')),
  leftAfter('upgrade refused', 1, (serial) => upgrade(serial, '/refused')),
  answered('answered by middleware', (serial) => [get(serial, '/middleware/answers')], { middleware: true }),
  givenUp('given up in middleware', (serial) => [get(serial, '/middleware/patient')], { middleware: true }),
  { name: 'emulated connection', fates: RESET, within: 'emulated', once: () => Promise.resolve() },
  {
    name: 'injected',
    fates: RESET,
    within: 'injected',
    adapters: ['fastify'],
    once: () => Promise.resolve(),
  },
];
