import type { TypeConfiguration } from '../../pool/configuration.js';
import type { ReconfigurationReport } from '../../reports/reconfiguration-report.js';

export type { TypeConfiguration };

/** A change under way. */
export interface ChangeRecord {
  /** Its number, from 1; of its type, no other's. */
  readonly version: number;
  end(outcome: ReconfigurationReport['outcome'], cause?: unknown): void;
}

/** How the configurations of the types have changed. */
export class History {
  private readonly versions = new Map<string, number>();

  /** @param change what was and what is to be in force, and who says so */
  begin(
    type: string,
    _change: { before: TypeConfiguration; after: TypeConfiguration; by?: string },
  ): ChangeRecord {
    const version = (this.versions.get(type) ?? 0) + 1;
    this.versions.set(type, version);
    return { version, end: () => undefined };
  }
}
