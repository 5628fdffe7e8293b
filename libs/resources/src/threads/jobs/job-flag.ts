import { GOES_ON } from '../protocol.js';

/** Flags that a thread shares from the start, a count: sharing memory for one job costs as much as a short job. */
const SHARED = 1_024;

/** Says in shared memory whether a job goes on, or why it is to end: one of the states of the protocol. */
export class JobFlag {
  constructor(
    private readonly memory: Int32Array,
    private readonly place = 0,
    /** By which the thread finds it: its place among those that are shared, or itself. */
    readonly address: number | Int32Array = memory,
  ) {}

  get state(): number {
    return Atomics.load(this.memory, this.place);
  }

  set state(state: number) {
    Atomics.store(this.memory, this.place, state);
  }
}

/** The flags of one thread's jobs. Each is used again when its job is over. */
export class JobFlags {
  readonly memory = sharedFlags(SHARED);
  private readonly free: JobFlag[] = [];
  private made = 0;

  take(): JobFlag {
    const flag = this.free.pop() ?? this.make();
    flag.state = GOES_ON;
    return flag;
  }

  giveBack(flag: JobFlag): void {
    this.free.push(flag);
  }

  private make(): JobFlag {
    const place = this.made++;
    return place < SHARED ? new JobFlag(this.memory, place, place) : new JobFlag(sharedFlags(1));
  }
}

/** The flag at an address, as its thread sees it. */
export function flagAt(memory: Int32Array, address: JobFlag['address']): JobFlag {
  return typeof address === 'number' ? new JobFlag(memory, address) : new JobFlag(address);
}

function sharedFlags(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}
