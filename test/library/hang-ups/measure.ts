import { parseArgs } from 'node:util';
import { nodeBinary } from '../../../bench/src/command/node-binary.js';
import { type Adapter, ADAPTERS, SESSIONS } from './plan.fixture.js';
import { TroubledProcess } from './troubled-process.fixture.js';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '20,22,24' },
    adapters: { type: 'string', default: ADAPTERS.join() },
    'hang-ups': { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '30' },
  },
});

const HANG_UPS_PER_SECOND = 20;
const HONEST_PER_SECOND = 100;
const ENOUGH = 0.99;

function print(...columns: string[]): void {
  process.stdout.write(`${columns.join('  ')}\n`);
}

/** @returns whether both promises were kept */
async function measure(major: string, adapter: Adapter): Promise<boolean> {
  const app = await TroubledProcess.start(adapter, await nodeBinary(Number(major)));
  const name = `Node ${major}, ${adapter.padEnd(7)}`;
  try {
    await app.hangUpOnSeenWork(Number(values['hang-ups']));
    const seen = await app.count();
    const { asked, wrong } = app.honest;
    const lost = seen.created - SESSIONS;
    print(
      name,
      `${values['hang-ups']} hang-ups on seen work: ${lost} sessions lost, ${seen.crossings.length} crossings,`,
      `${asked - wrong.length} of ${asked} honest requests right`,
    );
    const before = { ...app.honest };
    await app.hangUpOnUnseenWork(HANG_UPS_PER_SECOND, HONEST_PER_SECOND, Number(values.seconds));
    const unseen = await app.count();
    const share = (app.honest.right - before.right) / (app.honest.asked - before.asked);
    print(
      name,
      `${HANG_UPS_PER_SECOND} hang-ups a second on unseen work, ${values.seconds} s: ${(share * 100).toFixed(2)} % of the honest right,`,
      `${unseen.created - seen.created} sessions made anew, ${unseen.crossings.length} crossings`,
    );
    for (const failure of new Set([...app.honest.wrong, ...unseen.crossings, ...unseen.unhandled]))
      print(name, `  ${failure}`);
    return (
      lost === 0 &&
      wrong.length === 0 &&
      unseen.crossings.length === 0 &&
      unseen.unhandled.length === 0 &&
      share >= ENOUGH
    );
  } finally {
    await app.stop();
  }
}

async function main(): Promise<void> {
  let kept = true;
  for (const major of values.nodes.split(',')) {
    for (const adapter of ADAPTERS.filter((each) => values.adapters.includes(each))) {
      kept = (await measure(major, adapter)) && kept;
    }
  }
  process.exitCode = kept ? 0 : 1;
}

await main();
