import {
  Body,
  Controller,
  Post,
  RawBody,
  type RawBodyRequest,
  Req,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { FileInterceptor, type NestExpressApplication } from '@nestjs/platform-express';
import type { Trial } from '../../trial.js';

@Controller('bodies')
class Bodies {
  @Post('echo')
  echo(@Body() body: unknown): object {
    return { body };
  }

  @Post('raw')
  raw(
    @RawBody() raw: Buffer | undefined,
    @Req() request: RawBodyRequest<object>,
    @Body() body: unknown,
  ): object {
    return { raw: raw?.toString(), same: raw === request.rawBody, body };
  }
}

@Controller('uploads')
class Uploads {
  @Post()
  @UseInterceptors(FileInterceptor('file'))
  upload(
    @UploadedFile() file: { originalname: string; size: number } | undefined,
    @Body() body: object,
  ): object {
    return { name: file?.originalname, size: file?.size, body };
  }
}

const FORM = [
  '--limit',
  'content-disposition: form-data; name="title"',
  '',
  'a title',
  '--limit',
  'content-disposition: form-data; name="file"; filename="a.txt"',
  'content-type: text/plain',
  '',
  'contents',
  '--limit--',
  '',
].join('\r\n');

/** JSON, forms, raw bodies, uploads, and bodies that are refused. */
export default async function bodies(trial: Trial): Promise<unknown> {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const controllers = trial.adapter === 'express' ? [Bodies, Uploads] : [Bodies];
  return await trial.ask(
    { controllers },
    async (client) => ({
      json: await client.post('/bodies/echo', { a: [1] }),
      form: await client.post('/bodies/echo', 'a=1&b=2', form),
      text: await client.post('/bodies/echo', 'text', { 'content-type': 'text/plain' }),
      unknown: await client.post('/bodies/echo', '<a/>', { 'content-type': 'application/xml' }),
      broken: await client.post('/bodies/echo', '{"a":'),
      empty: await client.post('/bodies/echo', ''),
      poisoned: await client.post('/bodies/echo', '{"__proto__":{"a":1}}'),
      large: await client.post('/bodies/echo', { large: 'x'.repeat(2_000_000) }),
      raw: await client.post('/bodies/raw', '{ "a" : 1 }'),
      rawForm: await client.post('/bodies/raw', 'a=1', form),
      upload: await client.post('/uploads', FORM, { 'content-type': 'multipart/form-data; boundary=limit' }),
    }),
    {
      rawBody: true,
      prepare: (app) => {
        // Fastify reads text without being told.
        if (trial.adapter === 'express') (app as NestExpressApplication).useBodyParser('text');
      },
    },
  );
}
