import { inspect } from 'node:util';

/**
 * A line of log, and what it is made of. Loggers for people print the line; those for machines get the fields, the line
 * as `message` among them.
 */
export class LogLine {
  readonly message: string;

  /** @param fields plain data */
  constructor(message: string, fields: object) {
    Object.assign(this, fields);
    this.message = message;
  }

  toString(): string {
    return this.message;
  }

  [inspect.custom](): string {
    return this.message;
  }
}
