import {
  BadRequestException,
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Post,
  UseGuards,
} from '@nestjs/common';
import { tenantOf } from '../database/tenant-of.js';
import { type NoteDraft, noteDraft } from './note-draft.schema.js';
import { type Note, NotesService } from './notes.service.js';

/** Refuses a request that names no tenant. */
class TenantGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (tenantOf(context.switchToHttp().getRequest()) === undefined)
      throw new BadRequestException('x-tenant must say whose notes these are');
    return true;
  }
}

@Controller('notes')
@UseGuards(TenantGuard)
export class NotesController {
  constructor(private readonly notes: NotesService) {}

  @Post()
  create(@Body({ schema: noteDraft }) { text }: NoteDraft): Promise<Note> {
    return this.notes.create(text);
  }

  @Get()
  all(): Promise<Note[]> {
    return this.notes.all();
  }
}
