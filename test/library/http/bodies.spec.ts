import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable, Stream } from 'node:stream';
import { Controller, Get, Injectable, StreamableFile } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { type Adapter, ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

/** A stream that is never closed, as some libraries make them. */
class Unclosed extends Readable {
  constructor() {
    super({ emitClose: false });
  }

  override _read(): void {
    this.push('x');
    this.push(null);
  }
}

/** One of the old make: it has a `pipe`, its data come as events, and no other end is told than the last byte. */
class OldStream extends Stream {
  readonly readable = true;

  override pipe<T extends NodeJS.WritableStream>(destination: T): T {
    super.pipe(destination);
    setImmediate(() => this.emit('data', 'x'));
    return destination;
  }

  /** As platforms ask for it. */
  destroy(): void {
    this.removeAllListeners('data');
  }
}

/** A stream that works on when its last byte was read. */
class ClosingLate extends Readable {
  constructor(private readonly close: (closed: () => void) => void) {
    super();
  }

  override _read(): void {
    this.push('x');
    this.push(null);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.close(() => done(error));
  }
}

/** A driver's cursor: its own `next` says in another way than an iterator's that there is no more. */
class Cursor {
  #rows = 2;
  closed = false;

  async next(): Promise<string | null> {
    return this.#rows-- > 0 ? 'row' : null;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    try {
      for (let row = await this.next(); row !== null; row = await this.next()) yield `${row}\n`;
    } finally {
      this.closed = true;
    }
  }
}

/** An iterable that promises nothing: it can't be returned, and its results are promises of no make. */
function bare(): AsyncIterable<string> {
  let left = 2;
  const next = (): PromiseLike<IteratorResult<string>> => {
    const result = left-- > 0 ? { done: false, value: 'x' } : { done: true, value: undefined };
    // oxlint-disable-next-line unicorn/no-thenable -- a thenable is what it is about
    return { then: (done: (value: unknown) => unknown) => done(result) } as PromiseLike<
      IteratorResult<string>
    >;
  };
  return { [Symbol.asyncIterator]: () => ({ next }) as AsyncIterator<string> };
}

async function* failing(): AsyncGenerator<string> {
  yield 'x';
  await new Promise((resolve) => setImmediate(resolve));
  throw new Error('the source broke');
}

@Injectable()
class Bodies {
  closing: () => void = () => undefined;
  cursor: Cursor | undefined;
}

@Controller()
class BodiesController {
  constructor(private readonly bodies: Bodies) {}

  @Get('unclosed')
  unclosed(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    return new StreamableFile(new Unclosed());
  }

  @Get('unclosed/large')
  unclosedLarge(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    const chunk = Buffer.alloc(64 * 1024);
    return new StreamableFile(new Readable({ emitClose: false, read() { this.push(chunk); }, destroy(_error, done) { done(null); } })); // prettier-ignore
  }

  /** Somebody pushes into it, whom a client that leaves stops as little as a reader that is slow. */
  @Get('pushed')
  pushed(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    const stream = new Readable({ read: () => undefined });
    for (let chunks = 0; chunks < 20; chunks++) stream.push(Buffer.alloc(1024 * 1024));
    return new StreamableFile(stream);
  }

  @Get('unclosed/old')
  unclosedOld(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    return new StreamableFile(new OldStream() as Readable); // Nest takes what can be piped
  }

  @Get('closing-late')
  closingLate(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    return new StreamableFile(new ClosingLate((closed) => (this.bodies.closing = closed)));
  }

  @Get('stream')
  stream(@PooledResource('session') _session: ScopedLease<Session>): Readable {
    return Readable.from(['x', 'y']);
  }

  @Get('cursor')
  cursor(@PooledResource('session') _session: ScopedLease<Session>): Cursor {
    this.bodies.cursor = new Cursor();
    return this.bodies.cursor;
  }

  @Get('bare')
  bare(@PooledResource('session') _session: ScopedLease<Session>): AsyncIterable<string> {
    return bare();
  }

  @Get('failing')
  failing(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    return new StreamableFile(
      new Readable({
        emitClose: false,
        read() {
          this.destroy(new Error('the source broke'));
        },
      }),
    );
  }

  @Get('failing-late')
  failingLate(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    return new StreamableFile(Readable.from(failing()));
  }

  @Get('failing-iterable')
  failingIterable(@PooledResource('session') _session: ScopedLease<Session>): AsyncIterable<string> {
    return failing();
  }

  @Get('large')
  large(@PooledResource('session') _session: ScopedLease<Session>): StreamableFile {
    const chunk = Buffer.alloc(64 * 1024);
    return new StreamableFile(new Readable({ read() { this.push(chunk); } })); // prettier-ignore
  }

  @Get('slow')
  async slow(): Promise<string> {
    await new Promise<void>((resolve) => (this.bodies.closing = resolve));
    return 'slow';
  }
}

let server: LendingApp;
let bodies: Bodies;
let client: Client;

async function start(adapter: Adapter): Promise<void> {
  const session = new SessionFactory().definition({ max: 2 });
  server = await startLendingApp(
    adapter,
    { resources: { session } },
    { controllers: [BodiesController], providers: [Bodies] },
  );
  bodies = server.app.get(Bodies);
  client = new Client(server.port);
}

const pool = () => server.coordinator.stats().pools['session'];
const allBack = (): Promise<void> => until(() => pool().leased === 0, 'the lease is back');

/** Reads the beginning of an answer. */
async function hangUpDuring(path: string): Promise<void> {
  const sent = client.send('GET', path);
  sent.end();
  const [response] = (await once(sent, 'response')) as [Readable];
  await once(response, 'readable');
  sent.destroy();
  await allBack();
}

afterEach(async () => {
  bodies.closing();
  await server.app.close();
});

describe.each(ADAPTERS)('on %s, the lease behind a body goes back, after', (adapter) => {
  beforeEach(() => start(adapter));

  const isBackAfterLastByte = async (path: string, body: string): Promise<void> => {
    expect((await client.get(path)).body).toBe(body);
    await allBack();
    expect(pool()).toMatchObject({ acquired: 1, created: 1 });
  };

  it('a stream: after its last byte', async () => {
    await isBackAfterLastByte('/stream', 'xy');
  });

  it('a stream that is never closed: after its last byte', async () => {
    await isBackAfterLastByte('/unclosed', 'x');
  });

  it("a driver's cursor: after its last byte", async () => {
    await isBackAfterLastByte('/cursor', 'row\nrow\n');
    expect(bodies.cursor?.closed).toBe(true);
  });

  it('an iterable that has only what it must have: after its last byte', async () => {
    await isBackAfterLastByte('/bare', 'xx');
  });

  it('a stream that closes late: when it has closed what it reads from', async () => {
    expect((await client.get('/closing-late')).body).toBe('x');
    await until(() => bodies.closing.name !== 'closing', 'it is about to close');
    expect(pool().leased).toBe(1);
    bodies.closing();
    await allBack();
  });

  it('a stream that fails: with its error', async () => {
    for (const path of ['/failing', '/failing-late', '/failing-iterable']) {
      await client.get(path).catch(() => undefined);
      await until(() => pool().idle === 1, `the lease of ${path} is back`);
    }
    expect(pool()).toMatchObject({ created: 1, retired: { abandoned: 0 } });
  });

  it('a client that hangs up during a stream: when the stream has closed', async () => {
    await hangUpDuring('/large');
    expect(pool()).toMatchObject({ created: 1 });
  });

  it('a stream that is never closed, when it is asked for without its body: with the answer', async () => {
    await client.get('/unclosed', 'HEAD');
    await allBack();
    expect(pool()).toMatchObject({ created: 1, retired: { abandoned: 0 } });
  });

  it('a client that hangs up during a stream that is never closed: with the client', async () => {
    await hangUpDuring('/unclosed/large');
    expect(pool()).toMatchObject({ created: 1, idle: 1 });
    await hangUpDuring('/unclosed/old');
    expect(pool()).toMatchObject({ created: 1, idle: 0 }); // held, since it may go on
  });

  it('a client that hangs up during a stream that is pushed into: never, it is held and then retired', async () => {
    await hangUpDuring('/pushed');
    expect(pool()).toMatchObject({ created: 1, idle: 0 });
    await until(() => pool().retired.abandoned === 1, 'it is retired');
  });

  it('a pipelined request whose connection dies before its turn: with the connection', async () => {
    const socket: Socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    socket.write(request('/slow') + request('/large') + request('/cursor'));
    await until(() => pool().acquired === 2, 'the pipelined ones have borrowed');
    socket.resetAndDestroy();
    await until(() => server.coordinator.stats().scopes === 0, 'both scopes are over');
    await allBack();
  });
});
