import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { type AdminOptions, readAdminOptions } from './admin-options.js';

const read = (socket: unknown, platform: NodeJS.Platform = 'linux') =>
  readAdminOptions({ socket } as AdminOptions, platform);

describe('the option admin', () => {
  it('is off by default', () => {
    expect(readAdminOptions(undefined)).toBeUndefined();
    expect(readAdminOptions({})).toBeUndefined();
    expect(readAdminOptions({ socket: undefined })).toBeUndefined();
  });

  it('takes a directory, in which each process has a socket of its own', () => {
    const place = read('/run/orders');
    expect([place?.directory, place?.isShared]).toEqual(['/run/orders', true]);
    expect([...(place?.paths(4711) ?? [])].slice(0, 3)).toEqual([
      '/run/orders/4711.sock',
      '/run/orders/4711-2.sock',
      '/run/orders/4711-3.sock',
    ]);
  });

  it('takes a socket by its ending', () => {
    const place = read('/run/orders/admin.sock');
    expect([place?.directory, place?.isShared]).toEqual(['/run/orders', false]);
    expect([...(place?.paths() ?? [])]).toEqual(['/run/orders/admin.sock']);
  });

  it('is relative to where the process stands, once and for all', () => {
    expect(read('run')?.directory).toBe(resolve('run'));
    expect([...(read('run/a.sock')?.paths() ?? [])]).toEqual([resolve('run/a.sock')]);
  });

  it.each([
    ['', '""'],
    [7, '7'],
    [null, 'null'],
    [{}, 'an object'],
    ['a\0b', '"a\\u0000b"'],
  ])('refuses %j as a path, and says what one is', (socket, told) => {
    expect(() => read(socket)).toThrow(InvalidOptionsError);
    expect(() => read(socket)).toThrow(
      `"admin.socket" must be the path of a directory, such as "/run/orders", or of a socket in one, such as "/run/orders/admin.sock"; got ${told}.`,
    );
  });

  it.each([
    [{ sockets: '/run' }, '"admin.sockets" is not an option. Known options: socket.'],
    ['/run', '"admin" must be an object; got "/run".'],
    [null, '"admin" must be an object; got null.'],
    [true, '"admin" must be an object; got true.'],
  ])('refuses %j', (options, message) => {
    expect(() => readAdminOptions(options as AdminOptions)).toThrow(message);
  });

  it('is refused on Windows, where nothing shows that others are kept away', () => {
    expect(() => read('C:\\run', 'win32')).toThrow(
      '"admin.socket" is refused on Windows: nothing shows there that other users are kept from a pipe.',
    );
    expect(readAdminOptions({}, 'win32')).toBeUndefined();
  });

  describe.each([
    ['linux', 107],
    ['darwin', 103],
    ['freebsd', 103],
  ] as const)('on %s', (platform, most) => {
    const pathOf = (bytes: number, letter = 'a'): string => {
      const room = bytes - Buffer.byteLength('/.sock');
      return `/${letter.repeat(room / Buffer.byteLength(letter))}.sock`;
    };

    it(`takes a socket's path of ${most} bytes, and refuses the next longer one`, () => {
      expect(read(pathOf(most), platform)?.longest).toHaveLength(most);
      expect(() => read(pathOf(most + 1), platform)).toThrow(
        new RegExp(`at most ${most} bytes on this system, and "/aaa.* has ${most + 1}\\.$`),
      );
    });

    it('counts bytes, not characters', () => {
      const path = pathOf(most + 1 - ((most + 1 - 6) % 2) + 2, 'ä');
      expect(path.length).toBeLessThan(most);
      expect(() => read(path, platform)).toThrow('is too long');
    });

    it('refuses a directory in which the longest of all process ids has no room, whatever the present one is', () => {
      const longest = '9999999-99.sock'.length + 1;
      expect(read(`/${'d'.repeat(most - longest - 1)}`, platform)?.longest).toHaveLength(most);
      expect(() => read(`/${'d'.repeat(most - longest)}`, platform)).toThrow('is too long');
    });
  });

  it('measures a relative path as the system will see it', () => {
    const room = 107 - Buffer.byteLength(join(process.cwd(), '.sock'));
    expect(() => read(`${'a'.repeat(room + 1)}.sock`)).toThrow('is too long');
  });
});
