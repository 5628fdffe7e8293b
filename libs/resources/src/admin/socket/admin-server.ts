import { createServer, type Server, type Socket } from 'node:net';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import type { Clock } from '../../time/clock.js';
import { NeutralGround } from '../../time/neutral-ground.js';
import { waitAtMost } from '../../time/wait-at-most.js';
import { describeCause } from '../../words/describe-cause.js';
import { describeValue } from '../../words/describe-value.js';
import { type AdminCommands, failureJson } from '../commands/admin-commands.js';
import { type Greeting, PROTOCOL } from '../protocol.js';
import { AdminConnection } from './admin-connection.js';
import { enterPrivateDirectory } from './private-directory.js';
import { probeSocket } from './probe-socket.js';
import { RoomForRequests } from './room-for-requests.js';
import type { SocketPlace } from './socket-place.js';
import { removeStale, sweepStale } from './stale-sockets.js';
import { isA } from '../../words/is-a.js';

/** Most clients at once, those included that are gone and whose command is still being done. */
const MOST_CLIENTS = 16;
/** Milliseconds that the end waits for answers on their way. */
const LAST_WORDS = 1_000;

const OPTION = 'admin.socket';

/** Listens on a socket that only this user and root can reach, and never keeps the process alive. */
export class AdminServer {
  private readonly connections = new Set<AdminConnection>();
  private readonly room = new RoomForRequests();
  private readonly ground = new NeutralGround();
  private server: Server | undefined;

  constructor(
    private readonly place: SocketPlace,
    private readonly commands: AdminCommands,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the socket's path
   * @throws InvalidOptionsError when the directory is not private, another process has the socket, or the system refuses
   */
  async open(): Promise<string> {
    enterPrivateDirectory(this.place.directory, OPTION);
    try {
      if (this.place.isShared) await sweepStale(this.place);
      for (const path of this.place.paths()) {
        if (!(await this.isFree(path))) continue;
        const server = await this.listen(path);
        if (server === undefined) continue; // another was faster
        this.server = server;
        return path;
      }
    } catch (error) {
      if (isA(error, InvalidOptionsError)) throw error;
      throw this.refusal(`can't be opened: ${describeCause(error)}.`);
    }
    throw this.refusal(
      this.place.isShared
        ? `can't be opened: in ${describeValue(this.place.directory)}, this process has too many already.`
        : `is in use: at ${describeValue(this.place.longest)}, a process listens. Name a directory where there are several: each has its own socket there.`,
    );
  }

  /** Stops listening and deletes the socket. Answers that are on their way have a second. */
  async close(): Promise<void> {
    this.server?.close();
    this.server = undefined;
    for (const connection of this.connections) connection.endIdle();
    const rest = [...this.connections];
    if (rest.length === 0) return;
    await waitAtMost(LAST_WORDS, this.clock, (ended) => {
      void Promise.all(rest.map(({ over }) => over)).then(ended);
    });
    for (const connection of rest) connection.destroy();
  }

  private async isFree(path: string): Promise<boolean> {
    const found = await probeSocket(path);
    if (found.kind === 'foreign')
      throw this.refusal(`can't be opened at ${describeValue(path)}: ${describeCause(found.cause)}.`);
    if (found.kind === 'stale') return removeStale(path, found.stats);
    return found.kind === 'nothing';
  }

  /** @returns nothing when another process listens there by now */
  private listen(path: string): Promise<Server | undefined> {
    return this.ground.run(
      () =>
        new Promise((resolve, reject) => {
          const server = createServer({ allowHalfOpen: true }, (socket) => this.receive(socket));
          server.once('error', (error: NodeJS.ErrnoException) => {
            if (error.code === 'EADDRINUSE') resolve(undefined);
            else reject(error);
          });
          // Of its own: otherwise the workers of a cluster would share one.
          server.listen({ path, exclusive: true }, () => {
            server.on('error', () => undefined); // one client could not be received
            resolve(server);
          });
          server.unref();
        }),
    );
  }

  private receive(socket: Socket): void {
    if (this.connections.size >= MOST_CLIENTS) {
      socket.on('error', () => undefined);
      socket.end(`${failureJson('busy', 'Too many ask at once. Try again in a few seconds.')}\n`);
      socket.destroySoon();
      return;
    }
    const connection = new AdminConnection(socket, this.clock, this.room, this.commands);
    this.connections.add(connection);
    void connection.over.then(() => this.connections.delete(connection));
    connection.open(JSON.stringify(this.greeting));
  }

  private get greeting(): Greeting {
    const { phase } = this.commands;
    return { protocol: PROTOCOL, pid: process.pid, phase, uptime: Math.round(process.uptime() * 1_000) };
  }

  private refusal(problem: string): InvalidOptionsError {
    return new InvalidOptionsError(OPTION, problem);
  }
}
