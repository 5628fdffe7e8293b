import { fileURLToPath } from 'node:url';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Controller, Get, Header, Res, StreamableFile } from '@nestjs/common';
import type { Trial } from '../../trial.js';

const FILE = fileURLToPath(new URL('../../package.json', import.meta.url));

interface Reply {
  sendFile?(path: string, options?: object): void;
  download?(path: string, name: string): void;
  type(type: string): Reply;
  send(body: unknown): void;
}

@Controller('files')
class Files {
  @Get('buffer')
  buffer(): StreamableFile {
    return new StreamableFile(Buffer.from('a buffer'));
  }

  @Get('options')
  options(): StreamableFile {
    const options = { type: 'text/csv', disposition: 'attachment; filename="a.csv"', length: 4 };
    return new StreamableFile(Readable.from(['a,', 'b,']), options);
  }

  @Get('headers')
  @Header('content-type', 'text/x-own')
  async headers(@Res({ passthrough: true }) _reply: Reply): Promise<StreamableFile> {
    return await Promise.resolve(new StreamableFile(createReadStream(FILE)));
  }

  @Get('missing')
  missing(): StreamableFile {
    return new StreamableFile(createReadStream(`${FILE}.missing`));
  }

  @Get('broken')
  broken(): StreamableFile {
    let step = 0;
    const read = function (this: Readable): void {
      if (step++ === 0) this.push('begun');
      else this.destroy(new Error('broken'));
    };
    return new StreamableFile(new Readable({ read }));
  }

  @Get('own-error')
  ownError(): StreamableFile {
    const file = new StreamableFile(createReadStream(`${FILE}.missing`));
    return file.setErrorHandler((error, response) => {
      response.statusCode = 410;
      response.send(error.message.slice(0, 6));
    });
  }

  @Get('piped')
  piped(@Res() reply: Reply): void {
    reply.type('text/plain').send('sent');
  }

  @Get('sent')
  sent(@Res() reply: Reply): void {
    if (reply.sendFile === undefined) reply.type('application/json').send(createReadStream(FILE));
    else reply.sendFile(FILE, { cacheControl: false, lastModified: false, etag: false });
  }

  @Get('downloaded')
  downloaded(@Res() reply: Reply): void {
    if (reply.download === undefined) reply.send(Buffer.from('downloaded'));
    else reply.sendFile?.(`${FILE}.missing`);
  }

  @Get('readable')
  readable(): Readable {
    return Readable.from(['a ', 'readable']);
  }

  @Get('bytes')
  bytes(): Buffer {
    return Buffer.from('bytes');
  }
}

/** Files as answers, by each way of sending them, whole, broken and missing. */
export default async function files(trial: Trial): Promise<unknown> {
  return await trial.ask({ controllers: [Files] }, async (client) => {
    const names = [
      'buffer',
      'options',
      'headers',
      'missing',
      'broken',
      'own-error',
      'piped',
      'sent',
      'downloaded',
    ];
    const paths = [...names, 'bytes'].map((name) => `/files/${name}`);
    if (trial.adapter === 'fastify') paths.push('/files/readable');
    const text = JSON.stringify({
      answers: await client.all(paths),
      head: await client.ask('/files/options', { method: 'HEAD' }),
      range: await client.get('/files/sent', { range: 'bytes=0-9' }),
    });
    return JSON.parse(text.replaceAll(FILE, '<file>')) as unknown;
  });
}
