import {
  Body,
  Controller,
  createParamDecorator,
  DefaultValuePipe,
  type ExecutionContext,
  Get,
  Headers,
  HostParam,
  HttpCode,
  Injectable,
  Ip,
  Next,
  Param,
  ParseIntPipe,
  ParseUUIDPipe,
  type PipeTransform,
  Post,
  Put,
  Query,
  RawBody,
  Req,
  Res,
  Session,
} from '@nestjs/common';
import type { Trial } from '../../trial.js';

const User = createParamDecorator((field: string | undefined, context: ExecutionContext) => {
  const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
  return field === undefined ? { name: headers['x-user'] } : headers[field];
});

const Later = createParamDecorator(async (value: number) => await Promise.resolve(value + 1));

const Refused = createParamDecorator(() => {
  throw new TypeError('no such parameter');
});

@Injectable()
class Prefixes {
  readonly prefix = 'is ';
}

@Injectable()
class PrefixPipe implements PipeTransform<unknown, string> {
  constructor(private readonly prefixes: Prefixes) {}

  transform(
    value: unknown,
    { type, data, metatype }: { type: string; data?: string; metatype?: unknown },
  ): string {
    const name = typeof metatype === 'function' ? metatype.name : 'nothing';
    return `${this.prefixes.prefix}${JSON.stringify(value)} (${type}, ${data}, ${name})`;
  }
}

class Point {
  x?: number;
  y?: number;
}

class Base {
  @Get('inherited/:id')
  inherited(@Param('id') id: string, @Query('q') query?: string): object {
    return { id, query, count: arguments.length };
  }

  @Get('overridden/:id')
  overridden(@Param('id') id: string): object {
    return { base: id };
  }
}

@Controller('parameters')
class Parameters extends Base {
  @Get('param/:id')
  param(@Param('id') id: string, @Param() all: object): object {
    return { id, all, count: arguments.length };
  }

  @Get('query')
  query(@Query('a') a: string, @Query() all: object, @Query('n', ParseIntPipe) n: number): object {
    return { a, all, n, count: arguments.length };
  }

  @Post('body')
  body(@Body() body: Point, @Body('x') x: number, @Body('y', new DefaultValuePipe(7)) y: number): object {
    return { body, x, y, count: arguments.length };
  }

  @Put('headers')
  @HttpCode(202)
  headers(@Headers('x-user') user: string, @Headers() all: Record<string, string>, @Ip() ip: string): object {
    return { user, names: Object.keys(all), ip };
  }

  @Get('own')
  own(@User() user: object, @User('x-user') name: string, @Later(1) later: number): object {
    return { user, name, later, count: arguments.length };
  }

  @Get('pipes/:id')
  pipes(
    @Param('id', PrefixPipe) id: string,
    @User(PrefixPipe) user: string,
    @User('x-user', PrefixPipe) name: string,
    @Query('u', new ParseUUIDPipe({ optional: true })) uuid?: string,
  ): object {
    return { id, user, name, uuid };
  }

  @Get('refused')
  refused(@Refused() value: unknown): unknown {
    return value;
  }

  @Get('gaps')
  gaps(first: unknown, @Query('q') query: string, third: unknown): object {
    return { first, query, third, count: arguments.length };
  }

  @Get('none')
  none(...all: unknown[]): number {
    return all.length;
  }

  @Get('undecorated')
  undecorated(request: { url: string }, response: { statusCode?: number }): object {
    return { url: request?.url, response: response !== undefined, count: arguments.length };
  }

  @Get('request')
  request(
    @Req() request: { url: string; method: string },
    @Res({ passthrough: true }) response: object,
    @Session() session: unknown,
    @HostParam('host') host: unknown,
    @RawBody() raw: unknown,
  ): object {
    const { url, method } = request;
    return { url, method, keys: Object.keys(request), response: Object.keys(response), session, host, raw };
  }

  @Get('next')
  next(@Next() next: unknown, @Res({ passthrough: true }) _response: unknown): string {
    return typeof next;
  }

  @Get('overridden/:id')
  override overridden(@Param('id') id: string): object {
    return { derived: id, ...super.overridden(id) };
  }
}

@Controller({ path: 'host', host: ':tenant.example.org' })
class Hosts {
  @Get()
  host(@HostParam('tenant') tenant: string): object {
    return { tenant };
  }
}

/** Parameters of every kind, pipes on them, and how many arguments a handler gets. */
export default async function parameters(trial: Trial): Promise<unknown> {
  const metadata = { controllers: [Parameters, Hosts], providers: [Prefixes, PrefixPipe] };
  return await trial.ask(metadata, async (client) => ({
    gets: await client.all([
      '/parameters/param/5',
      '/parameters/query?a=1&b=2&n=3',
      '/parameters/query?n=x',
      '/parameters/pipes/9?u=no',
      '/parameters/refused',
      '/parameters/gaps?q=1',
      '/parameters/none',
      '/parameters/undecorated',
      '/parameters/request?a=b',
      '/parameters/next',
      '/parameters/inherited/1?q=z',
      '/parameters/overridden/2',
      '/host',
    ]),
    own: await client.get('/parameters/own', { 'x-user': 'ada' }),
    pipes: await client.get('/parameters/pipes/9', { 'x-user': 'ada' }),
    body: await client.post('/parameters/body', { x: 1 }),
    headers: await client.ask('/parameters/headers', { method: 'PUT', headers: { 'x-user': 'ada' } }),
    host: await client.get('/host', { host: 'acme.example.org' }),
  }));
}
