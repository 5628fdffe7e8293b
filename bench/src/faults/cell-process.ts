import { CELLS } from './cell.js';
import { FAULT_CONTENDERS } from './pools/index.js';
import { Trial } from './trial.js';

/*
 * One cell in a process of its own, because a pool may spin or take the process down: `cell-process.js <contender>
 * <index of the cell> <seed>`. Prints the result.
 */
const [, , name, index, seed] = process.argv;
const contender = FAULT_CONTENDERS.find((one) => one.name === name);
const cell = CELLS[Number(index)];
if (contender === undefined || cell === undefined) throw new Error(`unknown: ${name} / ${index}`);
const result = await new Trial(contender, cell, Number(seed) + Number(index)).run();
process.stdout.write(JSON.stringify(result), () => process.exit(0));
