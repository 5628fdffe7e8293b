import type { Socket } from 'node:net';
import type { Clock, ClockTimer } from '../../time/clock.js';
import { failureJson } from '../commands/admin-commands.js';
import type { RoomForRequests } from './room-for-requests.js';

/** Milliseconds that a client has to ask, and later to take its answer. */
const PATIENCE = 10_000;
const LINE_FEED = 0x0a;
/** Bytes that a piece of a request costs besides its own. */
const PIECE = 512;

/** Who answers. It never rejects. */
export interface Answerer {
  answer(line: string): Promise<string>;
}

/**
 * One client: greeted, heard once, answered once. Whatever it does (says nothing, half a line, far too much, more than it is asked for,
 * goes away in the middle, does not take its answer), it costs no more than its place, and not for long. A command that has begun
 * goes on when its client is gone.
 */
export class AdminConnection {
  /** Resolves when the client is gone and nothing is done for it any more. */
  readonly over: Promise<void>;
  private isOver: () => void = () => undefined;
  private chunks: Buffer[] = [];
  private taken = 0;
  private asked = false;
  private working = false;
  private timer: ClockTimer | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly clock: Clock,
    private readonly room: RoomForRequests,
    private readonly answerer: Answerer,
  ) {
    this.over = new Promise((resolve) => (this.isOver = resolve));
  }

  /** @param greeting one line */
  open(greeting: string): void {
    const { socket } = this;
    socket.unref();
    socket.on('error', () => undefined); // who is gone is told nothing
    socket.on('data', (chunk: Buffer) => this.hear(chunk));
    socket.once('end', () => {
      if (!this.asked) socket.end(); // it goes without having asked
    });
    socket.once('close', () => {
      this.wait(undefined);
      this.forget();
      if (!this.working) this.isOver();
    });
    socket.write(`${greeting}\n`);
    this.wait(() => this.refuse(`Nothing was asked within ${PATIENCE / 1_000} s.`));
  }

  /** Ends it, unless something is being done for it, or its answer is on its way. */
  endIdle(): void {
    if (!this.asked) this.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private hear(chunk: Buffer): void {
    if (this.asked) return;
    const end = chunk.indexOf(LINE_FEED);
    const part = end === -1 ? chunk : chunk.subarray(0, end);
    const bytes = part.length + PIECE;
    if (!this.room.take(bytes)) {
      this.refuse('The request is too long, or too many long ones come at once.');
      return;
    }
    this.taken += bytes;
    this.chunks.push(part);
    if (end !== -1) void this.answer(Buffer.concat(this.chunks).toString('utf8'));
  }

  private async answer(line: string): Promise<void> {
    this.asked = this.working = true;
    this.wait(undefined);
    this.forget();
    this.socket.pause(); // what else it says is not heard
    const answer = await this.answerer.answer(line);
    this.working = false;
    if (this.socket.destroyed) this.isOver();
    else this.say(answer);
  }

  private refuse(why: string): void {
    this.asked = true;
    this.forget();
    this.say(failureJson('refused', why));
  }

  private say(line: string): void {
    this.socket.end(`${line}\n`);
    this.socket.resume(); // to hear that it goes
    this.wait(() => this.destroy());
  }

  private forget(): void {
    this.room.give(this.taken);
    this.taken = 0;
    this.chunks = [];
  }

  private wait(then: (() => void) | undefined): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = then && this.clock.setTimeout(then, PATIENCE);
    this.timer?.unref();
  }
}
