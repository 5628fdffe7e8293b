// A worker module for tests: as a compiler leaves it, an ES module with an application context.
import { Module } from '@nestjs/common';
import { defineWorker } from 'nestjs-resources/processors/worker';
import { loaded as loadedHere } from './plain.worker.js';

class WorkerModule {}
Module({ providers: [{ provide: 'FONT', useValue: 'Garamond' }] })(WorkerModule);

const { inject } = defineWorker({ context: WorkerModule, logger: false });

export const font = inject(['FONT'], (name) => () => name);
export const loaded = inject([], () => () => loadedHere());
