import { CoDel } from '../../policies/queue/co-del.js';
import { FairOrder } from '../../policies/queue/fair-order.js';
import { FifoOrder } from '../../policies/queue/fifo-order.js';
import { LifoOrder } from '../../policies/queue/lifo-order.js';
import { PriorityOrder } from '../../policies/queue/priority-order.js';
import type { QueueEntry, QueueOrder } from '../../policies/queue/queue-order.js';
import type { Duration } from '../../time/duration.js';
import type { OptionReader } from '../../options/option-reader.js';

/** How callers wait, and who is served next. */
export interface QueueOptions {
  /**
   * Who is served next: `'fifo'`, first come first served; `'lifo'`, last come first served; `'priority'`, by the
   * `priority` of `acquire`; `'fair'`, one of each `tenant` (or `owner`, where none is given) in turn. Default `'fifo'`.
   */
  order?: 'fifo' | 'lifo' | 'priority' | 'fair';
  /** With `'priority'`: waiting this long raises the priority by one. More than 0. Default `'1s'`; `Infinity` for strict priorities. */
  ageing?: Duration;
  /** Sheds callers under lasting overload. Default: off. */
  coDel?: CoDelOptions;
}

/** Controlled delay: when to shed waiting callers. */
export interface CoDelOptions {
  /** The acceptable queueing delay; under overload, callers that have waited for twice as long are shed. More than 0. Default `'50ms'`. */
  target?: Duration;
  /** Waits that stay above the target for this long are overload rather than a burst. More than 0. Default `'2s'`. */
  interval?: Duration;
}

/** The bound that stands beside the groups. */
interface QueueBound {
  maxWaiting?: number;
}

/** The default of the bound that stands beside the groups. */
export const DEFAULT_QUEUE_BOUND = { maxWaiting: Infinity } as const satisfies QueueBound;

/** The defaults of {@link QueueOptions}. */
export const DEFAULT_QUEUE_OPTIONS = { order: 'fifo' } as const satisfies QueueOptions;

const AGEING = '1s';
const CO_DEL = { target: '50ms', interval: '2s' } as const satisfies CoDelOptions;
const NAMES = [...Object.keys(DEFAULT_QUEUE_OPTIONS), 'ageing', 'coDel'];
const ORDERS = ['fifo', 'lifo', 'priority', 'fair'] as const;

/** {@link QueueOptions} read. */
export interface QueueSettings {
  readonly maxWaiting: number;
  /** What tells one order from another. */
  readonly orderKey: string;
  readonly createOrder: <E extends QueueEntry<E>>() => QueueOrder<E>;
  readonly coDel: CoDel | undefined;
}

export function readQueueOptions(
  read: OptionReader,
  { maxWaiting }: QueueBound,
  given: QueueOptions | undefined,
): QueueSettings {
  const options = read.group('queue', given, NAMES);
  const order = read.oneOf('queue.order', options.order, ORDERS, DEFAULT_QUEUE_OPTIONS.order);
  const ageing = read.span('queue.ageing', options.ageing, AGEING);
  if (options.ageing !== undefined && order !== 'priority') {
    read.fail('queue.ageing', 'needs "queue.order" to be "priority"; set that, or leave it out.');
  }
  return {
    maxWaiting: read.count('maxWaiting', maxWaiting, DEFAULT_QUEUE_BOUND.maxWaiting, 0),
    orderKey: `${order} ${ageing}`,
    createOrder: () => {
      switch (order) {
        case 'lifo':
          return new LifoOrder();
        case 'priority':
          return new PriorityOrder(ageing);
        case 'fair':
          return new FairOrder();
        default:
          return new FifoOrder();
      }
    },
    coDel: readCoDel(read, options.coDel),
  };
}

function readCoDel(read: OptionReader, given: CoDelOptions | undefined): CoDel | undefined {
  if (given === undefined) return undefined;
  const { target, interval } = read.group('queue.coDel', given, Object.keys(CO_DEL));
  return new CoDel(
    read.span('queue.coDel.target', target, CO_DEL.target),
    read.span('queue.coDel.interval', interval, CO_DEL.interval),
  );
}
