import { createRequire } from 'node:module';

const { default: TestRunner } = createRequire(import.meta.url)('jest-runner');

/** The tests of every file that has run in this process, by their full names. */
const namesIn = new Map();

/** The files that have found a mutant, the latest first: the next mutant is likely to be its neighbour. */
let finders = [];

/**
 * Runs the tests of one mutant until the first file that fails. Stryker always runs all of them, in jest's order, and loads
 * every file whether a test in it covers the mutant or not.
 */
export default class BailRunner extends TestRunner {
  failed = false;

  constructor(...args) {
    super(...args);
    this.on('test-file-success', ([{ path }, { numFailingTests, testResults }]) => {
      namesIn.set(
        path,
        testResults.map(({ fullName }) => fullName),
      );
      if (numFailingTests > 0) this.found(path);
    });
    this.on('test-file-failure', ([{ path }]) => this.found(path));
  }

  async runTests(tests, watcher, options) {
    const pattern = new RegExp(this._globalConfig.testNamePattern ?? '', 'i');
    const covering = tests.filter(
      ({ path }) => namesIn.get(path)?.some((name) => pattern.test(name)) ?? true,
    );
    covering.sort((a, b) => rank(a) - rank(b));
    for (const test of covering) {
      await super.runTests([test], watcher, options);
      if (this.failed) return;
    }
  }

  found(path) {
    this.failed = true;
    finders = [path, ...finders.filter((other) => other !== path)];
  }
}

function rank({ path }) {
  const index = finders.indexOf(path);
  return index < 0 ? finders.length : index;
}
