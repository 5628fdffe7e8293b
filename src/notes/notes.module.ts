import { Module } from '@nestjs/common';
import { NotesController } from './notes.controller.js';
import { NotesSchema } from './notes.schema.js';
import { NotesService } from './notes.service.js';

@Module({
  controllers: [NotesController],
  providers: [NotesService, NotesSchema],
})
export class NotesModule {}
