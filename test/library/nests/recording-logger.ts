import type { LoggerService } from '@nestjs/common';

/**
 * Keeps what Nest says. What the module says of itself, and that Nest has made it, is left out: the only lines that the
 * module may add.
 */
export class RecordingLogger implements LoggerService {
  private readonly lines: string[] = [];

  /** Modules that don't depend on each other are made in an order that any further import alters: theirs are sorted. */
  get told(): string[] {
    const isMade = (line: string): boolean => line.includes('[InstanceLoader]');
    return [...this.lines.filter(isMade).toSorted(), ...this.lines.filter((line) => !isMade(line))];
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.keep('log', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.keep('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.keep('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.keep('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.keep('verbose', message, rest);
  }

  private keep(level: string, message: unknown, rest: unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? String(rest.at(-1)) : '';
    const text = message instanceof Error ? String(message) : JSON.stringify(message);
    if (context === 'Resources' || /Resources(Feature)?Module/.test(text)) return;
    this.lines.push(`${level} [${context}] ${text}`);
  }
}
