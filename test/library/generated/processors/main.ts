import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeBinary, ownMajor } from '../../../../bench/src/command/node-binary.js';
import { table } from '../../../../bench/src/command/table.js';
import { PROJECT } from '../../../documents/document.fixture.js';
import { packLibrary } from '../../nests/pack-library.js';
import { Results } from '../results.js';
import { APPLICATIONS } from './applications.js';
import { tryMistakes } from './mistakes.js';
import { ProcessorApplication } from './processor-application.js';

// `npm run try:processors`: does the guide's processor work wherever it is built, and does a mistake fail the start?
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: `${ownMajor()}` },
    applications: { type: 'string', default: APPLICATIONS.map(({ name }) => name).join() },
    folder: { type: 'string' },
    report: { type: 'string' },
  },
});

const names = values.applications.split(',');
const unknown = names.filter((name) => !APPLICATIONS.some((application) => application.name === name));
if (unknown.length > 0) throw new Error(`--applications: there is no ${unknown.join(', ')}`);
const majors = values.nodes.split(',');
const builders = [...new Set(APPLICATIONS.flatMap((application) => application.builders))];
const columns = [
  'guide',
  'types',
  ...majors.map((major) => `test ${major}`),
  ...builders.flatMap((builder) => [builder, ...majors.map((major) => `${builder} ${major}`)]),
  'mistakes',
];
const results = new Results(columns, (line) => void process.stderr.write(`${line}\n`));

/** Named, it stays. */
const work =
  values.folder === undefined ? mkdtempSync(join(tmpdir(), 'processors-')) : resolve(values.folder);
mkdirSync(work, { recursive: true });

/** What npm runs then runs on that Node. */
const environmentOf = (node: string): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_OPTIONS: '',
  PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}`,
});

async function tryOut(app: ProcessorApplication, library: string): Promise<void> {
  const { name } = app.application;
  const followed = await results.note(name, 'guide', () => app.followGuide(library));
  if (!followed) return;
  await results.note(name, 'types', () => app.checkTypes());
  for (const major of majors) {
    const env = environmentOf(await nodeBinary(Number(major)));
    await results.note(
      name,
      `test ${major}`,
      () => app.test('reports.module', env),
      () => app.test('app.controller', env),
    );
  }
  for (const builder of app.application.builders) {
    const built = await results.note(name, builder, () => app.build(builder));
    if (!built) continue;
    for (const major of majors) {
      const node = await nodeBinary(Number(major));
      await results.note(name, `${builder} ${major}`, () => app.run(node));
    }
  }
  await results.note(name, 'mistakes', () => tryMistakes(app, environmentOf(process.execPath)));
}

try {
  const library = await packLibrary(PROJECT, work);
  const waiting: ProcessorApplication[] = [];
  // One after the other: npm brings each generator once.
  for (const application of APPLICATIONS.filter(({ name }) => names.includes(name))) {
    rmSync(join(work, application.name), { recursive: true, force: true });
    waiting.push(await ProcessorApplication.generate(application, work));
  }
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await tryOut(next, library);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
} finally {
  if (values.folder === undefined) rmSync(work, { recursive: true, force: true });
}
process.stdout.write(`${table(results.rows())}${results.failures()}\n${results.summary()}\n`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(results.report()));
process.exitCode = results.failed > 0 ? 1 : 0;
