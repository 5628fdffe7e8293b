import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ENTRY_POINTS } from './libs/resources/entry-points.js';

const { $schema: _, ...swc } = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));
const entryPoints = [...ENTRY_POINTS].map(([name, source]) => [`^${name}$`, fileURLToPath(source)]);

/** @type {import('jest').Config} */
export default {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{src,test,libs/*/src}/**/*.spec.ts'],
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: {
    ...Object.fromEntries(entryPoints),
    // What runs in another thread is not compiled by Jest: there it is the build's.
    '^\\./host-file\\.js$': '<rootDir>/libs/resources/src/threads/host-file.fixture.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/libs/resources/dist'],
  // A machine of two cores would run them one after the other, in one process that grows and grows.
  maxWorkers: 2,
  // What a file has loaded stays in its worker: with gigabytes of that, collecting garbage takes longer than the tests.
  workerIdleMemoryLimit: '1GB',
  // Of tests with a process each: one starts while another waits. More would keep the machine from each other.
  maxConcurrency: 2,
  // What hangs is ended; a machine that has other things to do may take its time.
  testTimeout: 240_000,
  // Asked for by `--coverage`, and meant for all tests together.
  collectCoverageFrom: ['libs/*/src/**/*.ts', '!**/index.ts', '!**/*.spec.ts', '!**/*.fixture.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: { global: { branches: 95, functions: 95, lines: 95, statements: 95 } },
};
