import { Witness } from '../../../libs/resources/src/time/witness.fixture.js';
import { SCENES } from './scenes.fixture.js';

// A process of its own: under coverage, Node 20 keeps the error that was caught last, and with it what that reaches.
Error.stackTraceLimit = 50; // so that what an error keeps by its frames includes the request

const living: object[] = [];
const left: Record<string, string[]> = {};
for (const [name, begin] of Object.entries(SCENES)) {
  const { lives, work } = begin();
  living.push(lives);
  const witness = new Witness();
  await witness.request(work);
  left[name] = await witness.kept();
}
process.send?.(left, () => process.exit(living.length > 0 ? 0 : 1));
