/** Of how many leases the place of acquisition is captured. */
export const STACKS = ['off', 'sampled', 'always'] as const;

export type StackCapture = (typeof STACKS)[number];

/** With `sampled`, one lease in this many has its stack captured. */
export const STACK_SAMPLE = 100;

const EVERY: Readonly<Record<StackCapture, number>> = { off: Infinity, sampled: STACK_SAMPLE, always: 1 };

/** Without a limit on the depth, capturing a stack costs what the stack is deep. */
const STACK_DEPTH = 20;

/** The place in the code where a lease was asked for. */
export interface LeaseOrigin {
  readonly stack?: string;
}

/** Captures where leases are asked for: of each, of some, or of none. */
export class LeaseOrigins {
  /** Whether any loan is to be traced. */
  readonly traces: boolean;
  private readonly every: number;
  private asked = 0;

  constructor(stack: StackCapture) {
    this.every = EVERY[stack];
    this.traces = stack !== 'off';
  }

  /** Where the code that asks for a loan stands, if this one is to be traced. */
  next(): LeaseOrigin | undefined {
    if (!this.traces || ++this.asked % this.every !== 0) return undefined;
    const origin: LeaseOrigin = {};
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = STACK_DEPTH;
    Error.captureStackTrace(origin); // formatted when it is read
    Error.stackTraceLimit = stackTraceLimit;
    return origin;
  }
}
