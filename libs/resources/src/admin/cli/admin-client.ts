import { connect, type Socket } from 'node:net';
import type { Clock } from '../../time/clock.js';
import { isGroup } from '../../options/option-reader.js';
import { describeCause } from '../../words/describe-cause.js';
import { describeValue } from '../../words/describe-value.js';
import { type AdminAnswer, type AdminRequest, type Greeting, PROTOCOL } from '../protocol.js';
import { CliError, EXIT } from './exit-codes.js';

/** Nobody greets at a socket. */
export class NoAnswerError extends CliError {
  /** Whether nobody can: a process that is frozen, busy or of another kind is there all the same. */
  readonly isGone: boolean;

  /** @param cause what the system says, or what else was wrong */
  constructor(path: string, cause: unknown) {
    super(EXIT.noProcess, `No process answers at ${describeValue(path)}: ${explain(cause)}.`);
    this.isGone = GONE.has((cause as NodeJS.ErrnoException).code ?? '');
  }
}

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK']);

/** A connection with a process that has greeted. */
export class AdminClient {
  private constructor(
    private readonly lines: SocketLines,
    readonly path: string,
    readonly greeting: Greeting,
  ) {}

  /**
   * @param timeout milliseconds
   * @throws CliError when nobody greets in time
   */
  static async connect(path: string, timeout: number, clock: Clock): Promise<AdminClient> {
    const lines = new SocketLines(connect(path));
    const timer = clock.setTimeout(
      () => lines.fail(new Error(`does not respond within ${timeout} ms`)),
      timeout,
    );
    try {
      const line = await lines.next();
      return new AdminClient(lines, path, readGreeting(line));
    } catch (error) {
      lines.destroy();
      if (error instanceof CliError) throw error;
      throw new NoAnswerError(path, error);
    } finally {
      clock.clearTimeout(timer);
    }
  }

  /** Waits for as long as it takes. @throws CliError when the connection is lost */
  async ask(request: AdminRequest): Promise<AdminAnswer> {
    let line: string;
    try {
      this.lines.write(JSON.stringify(request));
      line = await this.lines.next();
    } catch (error) {
      throw new CliError(
        EXIT.failed,
        `The connection was lost before the answer, and how it ended is not known: ${explain(error)}.`,
      );
    } finally {
      this.close();
    }
    const answer = parse(line);
    if (!isGroup(answer) || !('answer' in answer || isGroup((answer as { failure?: unknown }).failure)))
      throw new CliError(EXIT.failed, 'What came as the answer is none.');
    return answer as AdminAnswer; // both forms were looked for
  }

  close(): void {
    this.lines.destroy();
  }
}

/** Splits what a socket says into lines. Node's own splits at characters that JSON may hold. */
class SocketLines {
  private chunks: Buffer[] = [];
  private readonly complete: string[] = [];
  private failure: unknown;
  private wake: (() => void) | undefined;

  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('it has hung up')));
  }

  async next(): Promise<string> {
    while (this.complete.length === 0 && this.failure === undefined)
      await new Promise<void>((resolve) => (this.wake = resolve));
    const line = this.complete.shift();
    if (line === undefined) throw this.failure;
    return line;
  }

  write(line: string): void {
    this.socket.write(`${line}\n`);
  }

  fail(error: unknown): void {
    this.failure ??= error;
    this.wake?.();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
      this.complete.push(Buffer.concat([...this.chunks, rest.subarray(0, end)]).toString('utf8'));
      this.chunks = [];
      rest = rest.subarray(end + 1);
    }
    this.chunks.push(rest);
    this.wake?.();
  }
}

function readGreeting(line: string): Greeting {
  const said = parse(line);
  if (isGroup(said)) {
    const { protocol, failure } = said as { protocol?: unknown; failure?: { message?: unknown } };
    if (protocol === PROTOCOL) return said as Greeting;
    if (typeof protocol === 'number')
      throw new CliError(
        EXIT.noProcess,
        `The process speaks version ${protocol} of the admin protocol, and this program version ${PROTOCOL}: use the program of the application's own version.`,
      );
    if (isGroup(failure)) throw new Error(describeCause(failure.message));
  }
  throw new Error('what listens there is no admin socket');
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What the system says of a socket, in words. */
export function explain(error: unknown): string {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is nothing';
    case 'ECONNREFUSED':
      return 'nobody listens; what was there has ended without clearing up';
    case 'EACCES':
    case 'EPERM':
      return 'it belongs to another user; become that user, or root';
    default:
      return describeCause(error);
  }
}
