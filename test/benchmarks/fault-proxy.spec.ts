import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FaultProxy } from '../../bench/src/soak/fault-proxy.js';
import { eventually } from '../eventually.fixture.js';

/** A client of the server behind the proxy: what it heard, and how it ended. */
class Talk {
  heard = '';
  error: string | undefined;
  private readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port })
      .setEncoding('utf8')
      .on('data', (text: string) => {
        this.heard += text;
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        this.error = error.code;
      });
  }

  get ended(): boolean {
    return this.socket.closed;
  }

  say(text: string): void {
    this.socket.write(text);
  }

  async hears(text: string): Promise<void> {
    await eventually(() => expect(this.heard).toBe(text));
  }

  async ends(): Promise<void> {
    await eventually(() => expect(this.ended).toBe(true));
  }

  hangUp(): void {
    this.socket.destroy();
  }
}

describe('FaultProxy', () => {
  let server: Server;
  let proxy: FaultProxy;
  const served = new Set<Socket>();
  const talks: Talk[] = [];

  const open = (): Talk => {
    const talk = new Talk(proxy.port);
    talks.push(talk);
    return talk;
  };

  const opened = async (): Promise<Talk> => {
    const talk = open();
    talk.say('hello ');
    await talk.hears('hello ');
    return talk;
  };

  beforeEach(async () => {
    // An echo.
    server = createServer((socket) => {
      served.add(socket);
      socket.on('error', () => undefined).on('close', () => served.delete(socket));
      socket.pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await FaultProxy.start('127.0.0.1', (server.address() as AddressInfo).port);
  });

  afterEach(async () => {
    for (const talk of talks) talk.hangUp();
    proxy.close();
    server.close();
    await once(server, 'close');
  });

  it('passes on what both sides say', async () => {
    const talk = await opened();
    talk.say('again');
    await talk.hears('hello again');
    expect(proxy.connections).toBe(1);
  });

  it('keeps the order under latency', async () => {
    const talk = await opened();
    await proxy.set({ kind: 'latency', by: 20 });
    for (const word of ['one ', 'two ', 'three']) talk.say(word);
    await talk.hears('hello one two three');
  });

  it('resets the connections there are, and new ones', async () => {
    const talk = await opened();
    await proxy.set({ kind: 'reset' });
    await talk.ends();
    expect(talk.error).toBe('ECONNRESET');
    const late = open();
    late.say('hello?');
    await late.ends();
    expect(late.heard).toBe('');
  });

  it('refuses new connections, and takes them again afterwards', async () => {
    const talk = await opened();
    await proxy.set({ kind: 'refuse' });
    await talk.ends();
    const refused = open();
    await refused.ends();
    expect(refused.error).toBe('ECONNREFUSED');
    await proxy.set({ kind: 'none' });
    await opened();
  });

  it('swallows what is said into a black hole, for ever on the connections that said it', async () => {
    const used = await opened();
    const unused = await opened();
    await proxy.set({ kind: 'black hole' });
    const swallowed = open();
    used.say('anybody?');
    swallowed.say('hello?');
    await eventually(() => expect(proxy.silenced).toBe(2));
    await proxy.set({ kind: 'none' });
    for (const talk of [used, swallowed, unused]) talk.say('there');
    await unused.hears('hello there');
    expect([used.heard, used.ended, swallowed.heard]).toEqual(['hello ', false, '']);
  });

  it('holds back what is said while it stalls, also on a new connection, until it goes on', async () => {
    const talk = await opened();
    await proxy.set({ kind: 'stall' });
    const late = open();
    talk.say('there');
    late.say('hello?');
    const besides = new Talk((server.address() as AddressInfo).port);
    talks.push(besides);
    besides.say('hello');
    await besides.hears('hello');
    expect([talk.heard, late.heard]).toEqual(['hello ', '']);
    await proxy.set({ kind: 'none' });
    await talk.hears('hello there');
    await late.hears('hello?');
  });

  it('cuts a connection in the middle of an answer', async () => {
    const talk = await opened();
    await proxy.set({ kind: 'cut', after: 5 });
    talk.say('a long answer');
    await talk.ends();
    expect('hello a lon'.startsWith(talk.heard)).toBe(true);
  });

  it('hangs up on the server when the client does', async () => {
    const talk = await opened();
    talk.hangUp();
    await eventually(() => expect([proxy.connections, served.size]).toEqual([0, 0]));
  });
});
