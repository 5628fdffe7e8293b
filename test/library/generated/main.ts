import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeBinary, ownMajor } from '../../../bench/src/command/node-binary.js';
import { table } from '../../../bench/src/command/table.js';
import { PROJECT } from '../../documents/document.fixture.js';
import { packLibrary } from '../nests/pack-library.js';
import { Databases } from './databases.js';
import { GeneratedApplication } from './generated-application.js';
import { Results } from './results.js';
import { VARIANTS } from './variants.js';

// `npm run try:nest`: does a newcomer get what the guide promises? It is followed to the letter in applications as Nest's
// generator makes them.
const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: `${ownMajor()}` },
    variants: { type: 'string', default: VARIANTS.map(({ name }) => name).join() },
    folder: { type: 'string' },
    report: { type: 'string' },
  },
});

const names = values.variants.split(',');
const unknown = names.filter((name) => !VARIANTS.some((variant) => variant.name === name));
if (unknown.length > 0) throw new Error(`--variants: there is no ${unknown.join(', ')}`);
const majors = values.nodes.split(',');
const ofNodes = majors.flatMap((major) => ['test', 'build', 'run'].map((step) => `${step} ${major}`));
const results = new Results(['guide', 'types', ...ofNodes], (line) => void process.stderr.write(`${line}\n`));

/** Named, it stays. */
const work = values.folder === undefined ? mkdtempSync(join(tmpdir(), 'generated-')) : resolve(values.folder);
mkdirSync(work, { recursive: true });

async function tryOut(
  application: GeneratedApplication,
  library: string,
  databases: Databases,
): Promise<void> {
  const { name } = application.variant;
  const followed = await results.note(name, 'guide', () => application.followGuide(library));
  if (!followed) return;
  await results.note(name, 'types', () => application.checkTypes());
  for (const major of majors) {
    const node = await nodeBinary(Number(major));
    await results.note(
      name,
      `test ${major}`,
      async () => application.test(node, await databases.make()),
      () => application.testGenerated(node),
    );
    const built = await results.note(name, `build ${major}`, () => application.build(node));
    if (built)
      await results.note(name, `run ${major}`, async () => application.run(node, await databases.make()));
  }
}

const databases = await Databases.start();
try {
  const library = await packLibrary(PROJECT, work);
  const waiting: GeneratedApplication[] = [];
  // One after the other: npm brings each generator once.
  for (const variant of VARIANTS.filter(({ name }) => names.includes(name))) {
    rmSync(join(work, variant.name), { recursive: true, force: true });
    waiting.push(await GeneratedApplication.generate(variant, work));
  }
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      await tryOut(next, library, databases);
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
} finally {
  await databases.stop();
  if (values.folder === undefined) rmSync(work, { recursive: true, force: true });
}
process.stdout.write(`${table(results.rows())}${results.failures()}\n${results.summary()}\n`);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(results.report()));
process.exitCode = results.failed > 0 ? 1 : 0;
