// A worker module for tests that is not loaded before there is a certain file.
import { appendFileSync, existsSync } from 'node:fs';

const { TRACE, GO } = process.env;
appendFileSync(TRACE, 'begun\n');
while (!existsSync(GO));
appendFileSync(TRACE, 'loaded\n');

export const echo = (input) => input;
