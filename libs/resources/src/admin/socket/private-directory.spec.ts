import { chmodSync, chownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { TemporaryDirectory } from '../admin-socket.fixture.js';
import { enterPrivateDirectory } from './private-directory.js';

const user = process.geteuid?.();

describe('the directory of a socket', () => {
  let folder: TemporaryDirectory;
  let path: string;

  beforeEach(() => {
    folder = new TemporaryDirectory();
    path = folder.at('admin');
  });

  afterEach(() => folder.remove());

  const enter = (): void => enterPrivateDirectory(path, 'admin.socket');
  const mode = (): number => lstatSync(path).mode & 0o777;

  it('is made, open to nobody else, whatever the umask is', () => {
    const before = process.umask(0);
    try {
      enter();
    } finally {
      process.umask(before);
    }
    expect(mode()).toBe(0o700);
  });

  it("is taken as it is when it is the same user's and private, as that of the process before", () => {
    enter();
    enter();
    expect(mode()).toBe(0o700);
  });

  it.each([0o755, 0o750, 0o701, 0o770, 0o777, 0o600, 0o500])(
    'is refused with mode %o, and stays as it is',
    (other) => {
      mkdirSync(path);
      chmodSync(path, other);
      expect(enter).toThrow(InvalidOptionsError);
      expect(enter).toThrow(
        `"admin.socket" needs a directory that only this user can enter, and "${path}" has mode 0${other.toString(8)}, not 0700. Name one that is not there: it is made.`,
      );
      expect(mode()).toBe(other);
    },
  );

  it('is refused when a umask leaves too little of it', () => {
    const before = process.umask(0o277);
    try {
      expect(enter).toThrow('has mode 0500, not 0700');
    } finally {
      process.umask(before);
    }
  });

  it('is refused when it belongs to another user', () => {
    mkdirSync(path, 0o700);
    if (user === 0) chownSync(path, 65_534, 65_534);
    else path = '/'; // only root can give one away
    expect(enter).toThrow(`belongs to user ${user === 0 ? 65_534 : 0}, not to ${user}.`);
  });

  it('is refused when it is a symbolic link, even to a private one', () => {
    mkdirSync(folder.at('other'), 0o700);
    symlinkSync(folder.at('other'), path);
    expect(enter).toThrow('is a symbolic link');
  });

  it('is refused when it is a file', () => {
    writeFileSync(path, '');
    expect(enter).toThrow('is no directory');
  });

  it('is refused when there is no place for it', () => {
    path = folder.at('missing', 'admin');
    expect(enter).toThrow(/"admin\.socket" needs the directory ".*", which can't be made: ENOENT/);
  });
});
