#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { main } from '../dist/admin/cli/main.js';
import { EXIT } from '../dist/admin/cli/exit-codes.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

let unwritten = false;
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') return; // who reads the beginning, as `head` does, hangs up
  unwritten = true;
  process.stderr.write(`nestjs-resources: What was answered can't be written: ${error.message}.\n`);
});
process.stderr.on('error', () => undefined); // nobody listens
process.once('exit', () => {
  if (unwritten) process.exitCode = EXIT.failed;
});
process.exitCode = await main(process.argv.slice(2), {
  environment: process.env,
  platform: process.platform,
  version,
  stdin: process.stdin,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
