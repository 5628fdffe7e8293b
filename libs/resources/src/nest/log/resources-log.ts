import { Inject, Injectable, Logger } from '@nestjs/common';
import { tell } from '../../words/warn-of.js';
import {
  LOG_LEVELS,
  type LogLevel,
  readLogging,
  RESOURCES_OPTIONS,
  type ResourcesOptions,
} from '../resources.options.js';
import type { LogLine } from './log-line.js';

/** Writes the package's lines to Nest's log, as far as the option `logging` lets them pass. A logger that throws harms nobody. */
@Injectable()
export class ResourcesLog {
  private readonly logger = new Logger('Resources');
  private readonly levels: readonly LogLevel[];

  /** @throws InvalidOptionsError when `logging` is neither a level nor true or false */
  constructor(@Inject(RESOURCES_OPTIONS) options: ResourcesOptions) {
    const least = readLogging(options);
    this.levels = least === false ? [] : LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(least) + 1);
  }

  write(level: LogLevel, line: string | LogLine): void {
    if (this.levels.includes(level)) tell(() => this.logger[level](line));
  }
}
