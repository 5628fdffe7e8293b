import { countCalls, sumsOf } from '../../bench/src/calls/count-calls.js';

// A program of its own: sends how often functions of the library ran, by what they ran for.
const counted = await countCalls();
process.send?.(Object.fromEntries(counted.map((work) => [work.name, sumsOf(work).functions])));
process.disconnect();
