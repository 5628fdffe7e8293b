import { TestEnvironment } from 'jest-environment-node';

/** Skips the rest of a file after its first failing test: a mutant needs no second one to be found. */
export default class BailEnvironment extends TestEnvironment {
  failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_done') this.failed ||= event.test.errors.length > 0;
    else if (event.name === 'test_start' && this.failed) event.test.mode = 'skip';
  }
}
