import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ResourcesTerminusModule } from 'nestjs-resources/terminus';
import { HealthController } from './health.controller.js';

@Module({ imports: [TerminusModule, ResourcesTerminusModule], controllers: [HealthController] })
export class HealthModule {}
