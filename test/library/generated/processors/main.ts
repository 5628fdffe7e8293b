import { parseArgs } from 'node:util';
import { nodeBinary, ownMajor } from '../../../../bench/src/command/node-binary.js';
import { environmentOf } from '../environment-of.js';
import { printResults } from '../print-results.js';
import { Results } from '../results.js';
import { variantsNamed, tryAll } from '../try-all.js';
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

const applications = variantsNamed(values.applications, APPLICATIONS, 'applications');
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

await tryAll({
  variants: applications,
  folder: values.folder,
  generate: (application, work) => ProcessorApplication.generate(application, work),
  tryOut,
});
printResults(results, values.report);
