import { Module } from '@nestjs/common';
import { DrillsController } from './drills.controller.js';

@Module({ controllers: [DrillsController] })
export class DrillsModule {}
