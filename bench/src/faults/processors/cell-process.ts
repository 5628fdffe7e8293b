import { ALL_CELLS } from './cell.js';
import { PROCESSOR_CONTENDERS } from './index.js';
import { Trial } from './trial.js';

/*
 * One cell in a process of its own, because a contender may take it down, and leaves threads: `cell-process.js <contender> <index of the cell>`.
 * Prints the result.
 */
const [, , name, index] = process.argv;
const contender = PROCESSOR_CONTENDERS.find((one) => one.name === name);
const cell = ALL_CELLS[Number(index)];
if (contender === undefined || cell === undefined) throw new Error(`unknown: ${name} / ${index}`);
const result = await new Trial(contender, cell).run();
process.stdout.write(JSON.stringify(result), () => process.exit(0));
