import { OptionReader } from '../options/option-reader.js';
import { describeValue } from '../words/describe-value.js';
import { longestPath, SocketPlace } from './socket/socket-place.js';

/** How a running application is administered from its own machine. */
export interface AdminOptions {
  /**
   * Where the command line `nestjs-resources` finds this process: a directory, in which each process has a socket of its own, or one
   * socket, whose name ends in `.sock`. The directory is made with mode 0700, so that nobody but this user and root gets in; one that is
   * there must be this user's, and have that mode. Not on Windows. Default: none, and no socket.
   */
  socket?: string;
}

const ADMIN_OPTIONS = ['socket'] as const satisfies readonly (keyof AdminOptions)[];

/**
 * @returns where the socket shall be; undefined when none is wished
 * @throws InvalidOptionsError when there can be none: on Windows, and where the path is too long for the system
 */
export function readAdminOptions(
  options: AdminOptions | undefined,
  platform: NodeJS.Platform = process.platform,
): SocketPlace | undefined {
  const read = new OptionReader('admin');
  const { socket } = read.group('', options, ADMIN_OPTIONS);
  if (socket === undefined) return undefined;
  if (typeof socket !== 'string' || socket === '' || socket.includes('\0'))
    read.fail(
      'socket',
      `must be the path of a directory, such as "/run/orders", or of a socket in one, such as "/run/orders/admin.sock"; got ${describeValue(socket)}.`,
    );
  if (platform === 'win32')
    read.fail('socket', 'is refused on Windows: nothing shows there that other users are kept from a pipe.');
  const place = new SocketPlace(socket);
  const most = longestPath(platform);
  const bytes = Buffer.byteLength(place.longest);
  if (bytes > most)
    read.fail(
      'socket',
      `is too long: the path of a socket has at most ${most} bytes on this system, and ${describeValue(place.longest)} has ${bytes}.`,
    );
  return place;
}
