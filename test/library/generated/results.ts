type Outcome = 'passes' | 'FAILS' | 'not even bare';

/** What came of each step of each variant. */
export class Results {
  private readonly outcomes = new Map<string, Map<string, Outcome>>();
  private readonly told: string[] = [];

  /**
   * @param columns the steps, in the order of the table
   * @param tell what is done meanwhile
   */
  constructor(
    private readonly columns: readonly string[],
    private readonly tell: (line: string) => void,
  ) {}

  get failed(): number {
    return this.count('FAILS');
  }

  /**
   * Takes one step, and notes what comes of it.
   *
   * @param bare the same without the library: where it fails, too, the step is not held against the library
   * @returns whether it succeeded
   */
  async note(
    variant: string,
    step: string,
    take: () => Promise<unknown>,
    bare?: () => Promise<unknown>,
  ): Promise<boolean> {
    const outcome = await take().then(
      (): Outcome => 'passes',
      async (error: unknown): Promise<Outcome> => {
        const alone = bare === undefined ? undefined : await failureOf(bare);
        if (alone !== undefined) return 'not even bare';
        this.told.push(`\n${variant}, ${step}\n${String(error)}\n`);
        return 'FAILS';
      },
    );
    this.tell(`${variant}, ${step}: ${outcome}`);
    const steps = this.outcomes.get(variant) ?? new Map<string, Outcome>();
    this.outcomes.set(variant, steps.set(step, outcome));
    return outcome === 'passes';
  }

  /** For a table. */
  rows(): string[][] {
    const { columns } = this;
    const rows = [...this.outcomes].map(([variant, steps]) => [
      variant,
      ...columns.map((column) => steps.get(column) ?? ''),
    ]);
    return [['variant', ...columns], ...rows];
  }

  /** What the failed steps wrote. */
  failures(): string {
    return this.told.join('');
  }

  summary(): string {
    return `${this.count('passes')} passed, ${this.failed} failed`;
  }

  /** As Jest writes it. */
  report(): object {
    return { numPassedTests: this.count('passes'), numFailedTests: this.failed };
  }

  private count(wanted: Outcome): number {
    const all = [...this.outcomes.values()].flatMap((steps) => [...steps.values()]);
    return all.filter((outcome) => outcome === wanted).length;
  }
}

async function failureOf(step: () => Promise<unknown>): Promise<unknown> {
  return await step().then(
    () => undefined,
    (error: unknown) => error ?? 'nothing',
  );
}
