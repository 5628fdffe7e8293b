import { readFileSync } from 'node:fs';

const { $schema: _, ...swc } = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/** @type {import('jest').Config} */
export default {
  rootDir: '.',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{src,test,libs/*/src}/**/*.spec.ts'],
  moduleFileExtensions: ['ts', 'js', 'json', 'node'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: {
    '^nestjs-resources$': '<rootDir>/libs/resources/src/nest/index.ts',
    '^nestjs-resources/(cache|pool|terminus)$': '<rootDir>/libs/resources/src/$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/libs/resources/dist'],
  // A machine of two cores would run them one after the other, in one process that grows and grows.
  maxWorkers: 2,
  testTimeout: 120_000,
  collectCoverageFrom: ['libs/*/src/**/*.ts', '!**/index.ts', '!**/*.spec.ts', '!**/*.fixture.ts'],
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'json-summary', 'lcovonly'],
  coverageThreshold: { global: { branches: 95, functions: 95, lines: 95, statements: 95 } },
};
