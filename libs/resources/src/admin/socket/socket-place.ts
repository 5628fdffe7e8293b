import { basename, dirname, join, resolve } from 'node:path';

const ENDING = '.sock';
/** What one process's sockets may be called in a shared directory; no other files are touched there. */
const OF_A_PROCESS = /^\d+(-\d+)?\.sock$/;
/** Most sockets of one process in a directory: each application in it has one. */
const MOST = 99;
/** As long as one of them can get: no process id has more digits. */
const LONGEST = `9999999-${MOST}${ENDING}`;

/** Whether a path means one socket rather than a directory of them. */
export function isSocketName(path: string): boolean {
  return path.endsWith(ENDING);
}

/** Most bytes of a socket's path, without the zero that ends it. A longer one is cut by the system, and nobody is told. */
export function longestPath(platform: NodeJS.Platform = process.platform): number {
  return platform === 'linux' || platform === 'android' ? 107 : 103;
}

/** Where an application's admin socket shall be: one path, or any free name in a directory. */
export class SocketPlace {
  /** The directory that keeps others away from it. */
  readonly directory: string;
  /** The one name that is wished, if there is one. */
  private readonly name: string | undefined;

  /** @param path of a directory, or of a socket; relative to where the process stands now */
  constructor(path: string) {
    const absolute = resolve(path);
    this.directory = isSocketName(absolute) ? dirname(absolute) : absolute;
    this.name = isSocketName(absolute) ? basename(absolute) : undefined;
  }

  /** Whether other processes have theirs beside it. */
  get isShared(): boolean {
    return this.name === undefined;
  }

  /** The longest path that it may come to. */
  get longest(): string {
    return join(this.directory, this.name ?? LONGEST);
  }

  /** The paths that are tried, in this order. */
  *paths(pid: number = process.pid): Generator<string> {
    if (this.name !== undefined) {
      yield join(this.directory, this.name);
      return;
    }
    yield join(this.directory, `${pid}${ENDING}`);
    for (let number = 2; number <= MOST; number++) yield join(this.directory, `${pid}-${number}${ENDING}`);
  }

  /** Whether a file of the directory may be the socket of a process that is gone. */
  mayBeLeft(name: string): boolean {
    return this.isShared && OF_A_PROCESS.test(name);
  }
}
