import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

/** Backs up, changes and restores; prints what is loaded before and after, and what is refused. */
const PROGRAM = `
  async function main() {
    const coordinator = new ResourceCoordinator({ resources: { pg: { create: () => ({}), pool: { max: 1 } } } });
    const document = JSON.parse(JSON.stringify(await coordinator.backup()));
    coordinator.reconfigure('pg', { max: 2 });
    const before = loaded();
    const { outcome } = await coordinator.restore(document);
    document.resources[0].options.max = 'many';
    const error = await coordinator.restore(document).catch((error) => error);
    const isOurs = error instanceof InvalidBackupError;
    console.log(JSON.stringify([before, outcome, coordinator.policies.get('pg').max, loaded(), isOurs, error.path]));
  }
  void main();
`;

const FORMS = {
  module: `
    import { ResourceCoordinator, InvalidBackupError } from './dist/nest/index.js';
    const loaded = () => undefined;
    ${PROGRAM}
  `,
  commonjs: `
    const { ResourceCoordinator, InvalidBackupError } = require('./dist/cjs/nest/index.js');
    const loaded = () => Object.keys(require.cache).some((path) => path.includes('valibot'));
    ${PROGRAM}
  `,
};

describe('a restore', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'forms-')));

  beforeAll(() => {
    const dist = join(folder, 'dist');
    cpSync(join(PROJECT, 'libs/resources/dist'), dist, {
      recursive: true,
      filter: (path) => !path.endsWith('/cjs'),
    });
    symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    const maker = pathToFileURL(join(PROJECT, 'libs/resources/make-commonjs.js')).href;
    const make = `import { makeCommonJs } from '${maker}'; makeCommonJs(process.argv[1]);`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', make, dist], {
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (form: keyof typeof FORMS): unknown => {
    const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${form}`, '--eval', FORMS[form]], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '--no-warnings' },
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as unknown;
  };

  it('works in the form of ES modules', () => {
    expect(run('module')).toEqual([null, 'applied', 1, null, true, 'resources[0].options.max']);
  });

  it('works in the CommonJS form, without an import() that Jest would refuse, and loads its validator only then', () => {
    expect(run('commonjs')).toEqual([false, 'applied', 1, true, true, 'resources[0].options.max']);
  });
});
