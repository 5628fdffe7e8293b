import { connect, type Socket } from 'node:net';
import { type Exchange, type Lane, STREAMED } from '../plan/plan.js';
import { watch } from '../watch/watch.js';
import { AnswerReader, type ReceivedAnswer } from './answer-reader.js';
import { wrongIn } from './expected-answer.js';
import { requestBytes } from './request-bytes.js';

/** Most milliseconds for the answers of one exchange. */
const PATIENCE = 30_000;

/** What became of one exchange: its answers, as far as they came. */
interface Outcome {
  readonly answers: readonly ReceivedAnswer[];
  readonly open: boolean;
  readonly late: boolean;
}

/** One client of the plan: a raw socket, which it replaces when it has hung up. */
export class LaneClient {
  private socket: Socket | undefined;
  /** The requests that its connection has carried, and whether a stream was among their answers. */
  private carried: number[] = [];
  private streamed = false;

  constructor(
    private readonly lane: Lane,
    private readonly port: number,
  ) {}

  /** Plays all its exchanges, and keeps the last connection open. */
  async play(): Promise<void> {
    for (const exchange of this.lane.exchanges) {
      this.socket ??= await open(this.port);
      const outcome = await perform(this.socket, exchange, this.lane.application);
      this.streamed ||= exchange.requests.some(({ handler }) => STREAMED.includes(handler));
      this.carried.push(...exchange.requests.map(({ id }) => id));
      if (!outcome.open) this.leave();
      if (exchange.end.kind === 'keep') check(exchange, outcome);
    }
  }

  /** Requests that Nest alone may still know, without the library: of an open connection that has carried a stream. */
  get kept(): readonly number[] {
    return this.streamed ? this.carried : [];
  }

  close(): void {
    this.socket?.destroy();
    this.leave();
  }

  private leave(): void {
    this.socket = undefined;
    this.carried = [];
    this.streamed = false;
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.on('error', () => undefined); // resets are the plan's own doing
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** Sends an exchange, and receives until its answers are there, or its end has come. */
function perform(
  socket: Socket,
  { requests, end, reading }: Exchange,
  application: number,
): Promise<Outcome> {
  const bytes = Buffer.concat(requests.map((plan) => requestBytes(plan, application)));
  const reader = new AnswerReader();
  const answers: ReceivedAnswer[] = [];
  let received = 0;
  let settled = false;
  let leaving = false;
  return new Promise((resolve) => {
    const settle = (open: boolean, late = false): void => {
      settled = true;
      clearTimeout(patience);
      socket.off('data', receive);
      socket.off('close', closed);
      resolve({ answers, open, late });
    };
    const patience = setTimeout(() => {
      socket.destroy();
      settle(false, true);
    }, PATIENCE);
    const collect = (): void => {
      for (let answer = reader.next(); answer !== undefined; answer = reader.next()) answers.push(answer);
    };
    const hangUp = (): void => {
      if (end.kind === 'keep' || settled) return; // all its answers came before its time
      leaving = true;
      for (const { id } of requests) giveUp(id);
      if (end.how === 'reset') socket.resetAndDestroy();
      else if (end.how === 'destroy') socket.destroy();
      else socket.end();
      if (end.how !== 'end') settle(false);
    };
    const receive = (chunk: Buffer): void => {
      received += chunk.length;
      reader.push(chunk);
      collect();
      if (end.kind === 'hang-up' && end.after === 'received' && received >= end.amount && !leaving) hangUp();
      if (answers.length === requests.length && !leaving) return settle(true);
      if (reading > 0) {
        socket.pause();
        setTimeout(() => socket.resume(), reading);
      }
    };
    const closed = (): void => {
      reader.end();
      collect();
      settle(false);
    };
    socket.on('data', receive);
    socket.on('close', closed);
    if (end.kind === 'hang-up' && end.after === 'sent') socket.write(bytes.subarray(0, end.amount), hangUp);
    else if (end.kind === 'hang-up' && end.after === 'waited')
      socket.write(bytes, () => (end.amount === 0 ? setImmediate(hangUp) : setTimeout(hangUp, end.amount)));
    else socket.write(bytes);
  });
}

function giveUp(id: number): void {
  const unit = watch.find(id);
  if (unit === undefined) return;
  unit.givenUp = true;
  watch.journal.note(unit, 'is hung up on');
}

function check({ requests }: Exchange, { answers, late }: Outcome): void {
  for (const [index, plan] of requests.entries()) {
    const answer = answers[index];
    const wrong =
      answer === undefined
        ? `<${plan.id}/${plan.tenant}> gets no answer${late ? ` within ${PATIENCE} ms` : ': its connection is closed'}`
        : wrongIn(plan, answer);
    if (wrong !== undefined) watch.violated('answer', wrong, watch.find(plan.id));
  }
}
