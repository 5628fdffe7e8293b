#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { main } from '../dist/admin/cli/main.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

// Who reads the beginning, as `head` does, hangs up.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv.slice(2), {
  environment: process.env,
  platform: process.platform,
  version,
  stdin: process.stdin,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
