import { ResourceError } from './resource-error.js';

/** An option, a factory or an argument that cannot work. Thrown before anything starts. */
export class InvalidOptionsError extends ResourceError {
  /**
   * @param option the option's full name, such as `resources.pg.pool.max`
   * @param problem what is wrong and what would be right, to follow the option's name
   */
  constructor(
    readonly option: string,
    problem: string,
    type?: string,
  ) {
    super(`"${option}" ${problem}`, { type });
  }
}
