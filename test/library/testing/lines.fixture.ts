import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { addAbortSignal } from 'node:stream';
import type { CreateContext, DestroyContext, ResourceFactory } from 'nestjs-resources';
import type { Greeter } from './greeter.fixture.js';

/** A connection to a greeter, under the name that it was greeted with. */
export type Line = Socket & { called?: number };

/** What the other side answers. */
export async function ask(line: Line, text: string): Promise<string> {
  line.write(`${text}\n`);
  const [answer] = (await once(line, 'data')) as [Buffer];
  return answer.toString().trim();
}

/** A factory that does all that a safe one does. The unsafe ones each lack one thing. */
export class Lines implements ResourceFactory<Line> {
  constructor(protected readonly greeter: Pick<Greeter, 'port'>) {}

  async create({ signal, retire }: CreateContext): Promise<Line> {
    const line = this.open();
    line.on('error', retire);
    line.on('close', () => retire());
    addAbortSignal(signal, line);
    return await this.greeted(line);
  }

  async destroy(line: Line, { signal }: DestroyContext): Promise<void> {
    addAbortSignal(signal, line);
    await this.hangUp(line);
  }

  async validate(line: Line): Promise<boolean> {
    return (await ask(line, 'ping')).startsWith('was');
  }

  async reset(line: Line): Promise<void> {
    await ask(line, '');
  }

  protected open(): Line {
    return connect(this.greeter.port, '127.0.0.1');
  }

  protected async greeted(line: Line): Promise<Line> {
    const [greeting] = (await once(line, 'data')) as [Buffer];
    line.called = Number(greeting);
    return line;
  }

  protected async hangUp(line: Line): Promise<void> {
    line.end();
    if (!line.closed) await once(line, 'close');
  }
}

/** Throws away what it has made when the signal is aborted, instead of ending it. */
export class ThrowsAway extends Lines {
  override async create({ signal, retire }: CreateContext): Promise<Line> {
    const line = this.open();
    line.on('error', retire);
    await this.greeted(line);
    signal.throwIfAborted();
    return line;
  }
}

/** Waits for the greeting, whatever the signal says. */
export class IgnoresTheSignal extends Lines {
  override async create({ retire }: CreateContext): Promise<Line> {
    const line = this.open();
    line.on('error', retire);
    return await this.greeted(line);
  }
}

/** Waits for the other side to hang up, too, however long that takes. */
export class WaitsForGoodbye extends Lines {
  override async destroy(line: Line): Promise<void> {
    await this.hangUp(line);
  }
}

/** Gives up waiting when its time is up, and leaves the socket to itself. */
export class LeavesTheSocket extends Lines {
  override async destroy(line: Line, { signal }: DestroyContext): Promise<void> {
    const givenUp = once(signal, 'abort');
    await Promise.race([this.hangUp(line), givenUp]);
  }
}

/** Hears of no error. */
export class Deaf extends Lines {
  override async create({ signal }: CreateContext): Promise<Line> {
    const line = this.open();
    signal.addEventListener('abort', () => line.destroy(new Error('aborted')));
    return await this.greeted(line);
  }
}

/** Hears of the end of a line, and tells nobody. */
export class Secretive extends Lines {
  override async create({ signal }: CreateContext): Promise<Line> {
    const line = this.open();
    line.on('error', () => undefined);
    addAbortSignal(signal, line);
    return await this.greeted(line);
  }

  override validate = undefined as unknown as Lines['validate']; // as a factory without it
}
