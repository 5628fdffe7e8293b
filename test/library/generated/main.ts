import { parseArgs } from 'node:util';
import { nodeBinary, ownMajor } from '../../../bench/src/command/node-binary.js';
import { Databases } from './databases.js';
import { GeneratedApplication } from './generated-application.js';
import { printResults } from './print-results.js';
import { Results } from './results.js';
import { variantsNamed, tryAll } from './try-all.js';
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

const variants = variantsNamed(values.variants, VARIANTS, 'variants');
const majors = values.nodes.split(',');
const ofNodes = majors.flatMap((major) => ['test', 'build', 'run'].map((step) => `${step} ${major}`));
const results = new Results(['guide', 'types', ...ofNodes], (line) => void process.stderr.write(`${line}\n`));

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
  await tryAll({
    variants,
    folder: values.folder,
    generate: (variant, work) => GeneratedApplication.generate(variant, work),
    tryOut: (application, library) => tryOut(application, library, databases),
  });
} finally {
  await databases.stop();
}
printResults(results, values.report);
