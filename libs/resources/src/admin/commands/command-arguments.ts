import { OptionReader } from '../../options/option-reader.js';

/** The arguments of one request, read by name. What does not fit is refused, and nothing is done. */
export class CommandArguments {
  private readonly read: OptionReader;
  private readonly given: Readonly<Record<string, unknown>>;

  /** @throws InvalidOptionsError when there are others than the named ones */
  constructor(command: string, args: object, names: readonly string[]) {
    this.read = new OptionReader(command);
    this.given = this.read.group('', args, names) as Record<string, unknown>;
  }

  has(name: string): boolean {
    return this.given[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.given[name];
    if (value !== undefined && typeof value !== 'string') this.read.fail(name, 'must be a text.');
    return value;
  }

  neededText(name: string): string {
    return this.text(name) ?? this.read.fail(name, 'is missing.');
  }

  flag(name: string): boolean {
    return this.read.flag(name, this.given[name] as boolean | undefined, false); // it looks what it is
  }

  /** A whole number from 1. */
  number(name: string): number | undefined {
    const value = this.given[name];
    return value === undefined ? undefined : this.read.count(name, value as number, 1, 1); // it looks what it is
  }

  /** Whatever it is. */
  anything(name: string): unknown {
    return this.given[name] ?? this.read.fail(name, 'is missing.');
  }
}
