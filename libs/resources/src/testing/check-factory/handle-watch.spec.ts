import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { describeHandles, HandleWatch, type OpenHandles } from './handle-watch.js';
import { lookUntil } from './look-until.js';

describe('the watch over handles', () => {
  let server: Server;
  let watch: HandleWatch;
  let handles: OpenHandles;

  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  beforeEach(() => {
    watch = new HandleWatch();
    handles = new Map();
  });

  afterEach(() => watch.stop());

  afterAll(() => void server.close());

  const open = async (): Promise<Socket> => {
    await Promise.resolve();
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };

  const closed = (): Promise<boolean> => lookUntil(() => handles.size === 0, 10_000);

  it('knows the sockets of a piece of work until they are closed', async () => {
    const sockets = await watch.run(handles, () => Promise.all([open(), open()]));
    expect(describeHandles(handles)).toBe('TCP socket (2)');
    for (const socket of sockets) socket.destroy();
    expect(await closed()).toBe(true);
    expect(describeHandles(handles)).toBe('');
  });

  it('knows none that others have opened, nor those that the other side has', async () => {
    const other: OpenHandles = new Map();
    const [socket, own] = await Promise.all([watch.run(other, open), open()]);
    expect([handles.size, other.size]).toEqual([0, 1]);
    socket.destroy();
    own.destroy();
  });

  it('knows a child process with its pipes', async () => {
    const child = watch.run(handles, () => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']));
    expect(describeHandles(handles)).toContain('child process (1)');
    child.kill();
    expect(await closed()).toBe(true);
  });

  it('sees nothing more when it is stopped', async () => {
    watch.stop();
    const socket = await watch.run(handles, open);
    expect(handles.size).toBe(0);
    socket.destroy();
  });
});
