import type { ChangeInfo, ChangeKind, ChangeOutcome } from '../../reports/change-info.js';
import type { Clock } from '../../time/clock.js';
import { toldCause } from './told-cause.js';
import { diffOf, type TypeConfiguration } from './type-configuration.js';

/** A configuration, and its number among those of its type. */
export interface Version extends TypeConfiguration {
  readonly version: number;
}

/** What is known of a change when it begins. */
export interface ChangeBeginning {
  readonly before: TypeConfiguration;
  readonly after: TypeConfiguration;
  /** Who asks for it, as that one claims. */
  readonly by?: string;
  /** Default `'reconfigured'`. */
  readonly kind?: ChangeKind;
  /** The version to which it goes back. */
  readonly restores?: number;
}

/**
 * One change of a type's configuration, from its beginning to its end. Whoever carries it out says how it has ended; it ends
 * once, whatever is said later.
 */
export class ChangeRecord {
  /** Aborted when a rollback wants the type: whoever is still trying goes back at once, and says so by {@link end}. */
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly at = new Date();
  private readonly start: number;
  private readonly over: Promise<void>;
  private isOver: () => void = () => undefined;
  private ended: Pick<ChangeInfo, 'outcome' | 'cause' | 'duration'> = { outcome: 'pending' };

  constructor(
    private readonly type: string,
    /** The configuration in force when it began. */
    readonly before: Version,
    /** The one that it is to make. */
    readonly after: Version,
    private readonly beginning: Pick<ChangeBeginning, 'by' | 'kind' | 'restores'>,
    private readonly clock: Clock,
  ) {
    this.signal = this.controller.signal;
    this.start = clock.now();
    this.over = new Promise((resolve) => (this.isOver = resolve));
  }

  get version(): number {
    return this.after.version;
  }

  get outcome(): ChangeOutcome | 'pending' {
    return this.ended.outcome;
  }

  /** How it has ended. @param cause why it was not applied */
  end(outcome: ChangeOutcome, cause?: unknown): void {
    if (this.outcome !== 'pending') return;
    const told = cause === undefined ? {} : { cause: toldCause(cause) };
    this.ended = { outcome, ...told, duration: this.clock.now() - this.start };
    this.isOver();
  }

  /** Asks whoever carries it out to give up. @returns resolves when it has ended, however */
  async giveUp(): Promise<void> {
    if (this.outcome === 'pending') this.controller.abort(new Error('a rollback was asked for meanwhile'));
    await this.over;
  }

  get info(): ChangeInfo {
    const { type, version, at, beginning, before, after, ended } = this;
    const { kind = 'reconfigured', by, restores } = beginning;
    return {
      type,
      version,
      kind,
      ...(restores !== undefined && { restores }),
      at: new Date(at),
      ...(by !== undefined && { by }),
      what: diffOf(before, after),
      ...ended,
    };
  }
}
