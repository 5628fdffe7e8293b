import {
  All,
  Controller,
  Delete,
  Get,
  Header,
  Head,
  HttpCode,
  HttpStatus,
  Options,
  Patch,
  Post,
  Put,
  Redirect,
  Res,
} from '@nestjs/common';
import { EMPTY, of } from 'rxjs';
import type { Answer } from '../../client.js';
import type { Trial } from '../../trial.js';

interface Reply {
  header?(name: string, value: string): Reply;
  cookie?(name: string, value: string, options: object): Reply;
  status(code: number): Reply;
  send(body: unknown): unknown;
}

const VALUES: Record<string, unknown> = {
  text: 'text',
  empty: '',
  zero: 0,
  no: false,
  null: null,
  list: [1, { a: [] }],
  unicode: 'ä€😀',
  large: 'x'.repeat(100_000),
  date: new Date(0),
};

@Controller('answers')
class Answers {
  @Get('undefined')
  nothing(): void {}

  @Get('text')
  text(): unknown {
    return VALUES['text'];
  }

  @Get('empty')
  empty(): unknown {
    return VALUES['empty'];
  }

  @Get('zero')
  zero(): unknown {
    return VALUES['zero'];
  }

  @Get('no')
  no(): unknown {
    return VALUES['no'];
  }

  @Get('null')
  null(): unknown {
    return VALUES['null'];
  }

  @Get('list')
  async list(): Promise<unknown> {
    return await Promise.resolve(VALUES['list']);
  }

  @Get('unicode')
  unicode(): unknown {
    return VALUES['unicode'];
  }

  @Get('large')
  large(): unknown {
    return VALUES['large'];
  }

  @Get('date')
  date(): unknown {
    return VALUES['date'];
  }

  @Get('thenable')
  thenable(): unknown {
    // oxlint-disable-next-line unicorn/no-thenable
    return { then: (resolve: (value: string) => void) => resolve('thenable') };
  }

  @Get('observable')
  observable(): unknown {
    return of(1, 2, 3);
  }

  @Get('none')
  none(): unknown {
    return EMPTY;
  }

  @Get('code')
  @HttpCode(HttpStatus.I_AM_A_TEAPOT)
  @Header('x-one', '1')
  @Header('cache-control', 'no-store')
  code(): string {
    return 'teapot';
  }

  @Get('redirect')
  @Redirect('/answers/text', 301)
  redirect(): void {}

  @Get('redirect-elsewhere')
  @Redirect('/nowhere')
  redirectElsewhere(): { url: string; statusCode: number } {
    return { url: '/answers/list', statusCode: 307 };
  }

  @Get('passthrough')
  passthrough(@Res({ passthrough: true }) reply: Reply): string {
    reply.status(203);
    reply.header?.('x-two', '2');
    reply.header?.('set-cookie', 'b=2');
    return 'through';
  }

  @Get('own')
  own(@Res() reply: Reply): void {
    reply.cookie?.('a', '1', { httpOnly: true });
    reply.status(206).send({ own: true });
  }

  @Get('own-later')
  async ownLater(@Res() reply: Reply): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    reply.status(207).send('later');
  }

  @Get('own-callback')
  ownCallback(@Res() reply: Reply): void {
    setImmediate(() => reply.status(208).send('called back'));
  }

  @Post('verbs')
  post(): string {
    return 'post';
  }

  @Put('verbs')
  put(): string {
    return 'put';
  }

  @Patch('verbs')
  patch(): string {
    return 'patch';
  }

  @Delete('verbs')
  delete(): void {}

  @Head('head')
  head(): void {}

  @Options('options')
  options(): string {
    return 'options';
  }

  @All('all')
  all(): string {
    return 'all';
  }

  @Get(['one', 'other'])
  several(): string {
    return 'several';
  }

  @Get('wild/*')
  wild(): string {
    return 'wild';
  }
}

/** Status, headers and body of answers of every kind, and of requests that no route is for. */
export default async function answers(trial: Trial): Promise<unknown> {
  return await trial.ask({ controllers: [Answers] }, async (client) => {
    const names = ['undefined', ...Object.keys(VALUES), 'thenable', 'observable', 'none', 'code', 'redirect'];
    names.push('redirect-elsewhere', 'passthrough', 'own', 'own-later', 'own-callback', 'one', 'other');
    names.push('wild/a/b', 'verbs', 'missing', '%zz', 'all');
    const gets = await client.all(['/', '/answers', ...names.map((name) => `/answers/${name}`)]);
    const others: Record<string, Answer> = {};
    for (const method of ['HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE', 'SEARCH', 'TRACE']) {
      for (const path of ['text', 'verbs', 'head', 'options', 'all', 'missing']) {
        others[`${method} ${path}`] = await client.ask(`/answers/${path}`, { method });
      }
    }
    const { headers } = await client.get('/answers/text');
    const etag = headers.find((header) => /^etag/i.test(header))?.split(': ')[1] ?? '"none"';
    return { gets, others, unchanged: await client.get('/answers/text', { 'if-none-match': etag }) };
  });
}
