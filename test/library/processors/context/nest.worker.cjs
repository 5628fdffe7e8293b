// A worker module for tests: as a compiler leaves it for CommonJS.
const { Module } = require('@nestjs/common');
const { defineWorker } = require('nestjs-resources/processors/worker');

class WorkerModule {}
Module({ providers: [{ provide: 'FONT', useValue: 'Garamond' }] })(WorkerModule);

const { inject } = defineWorker({ context: WorkerModule, logger: false });

exports.font = inject(['FONT'], (name) => () => name);
