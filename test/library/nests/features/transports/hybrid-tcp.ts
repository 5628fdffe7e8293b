import { createServer, type AddressInfo } from 'node:net';
import {
  type CallHandler,
  Controller,
  Get,
  type INestApplication,
  Inject,
  UseInterceptors,
} from '@nestjs/common';
import {
  type ClientProxy,
  ClientsModule,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  TcpContext,
  Transport,
} from '@nestjs/microservices';
import { catchError, firstValueFrom, from, map, of, toArray, type Observable } from 'rxjs';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

@Controller('hybrid')
class Hybrid {
  constructor(@Inject('CLIENT') private readonly client: ClientProxy) {}

  @MessagePattern({ cmd: 'sum' })
  sum(@Payload() numbers: number[], @Ctx() context: TcpContext): object {
    return { sum: numbers.reduce((a, b) => a + b, 0), pattern: context.getPattern() };
  }

  @MessagePattern('field')
  async field(@Payload('a') a: unknown): Promise<object> {
    return await Promise.resolve({ a, same: this.constructor === Hybrid });
  }

  @MessagePattern('stream')
  stream(): Observable<number> {
    return from([1, 2, 3]);
  }

  @MessagePattern('refuses')
  refuses(): never {
    throw new RpcException({ code: 7 });
  }

  @MessagePattern('fails')
  fails(): never {
    throw new TypeError('not told');
  }

  @MessagePattern('wrapped')
  @UseInterceptors({
    intercept: (_context: unknown, next: CallHandler) =>
      next.handle().pipe(map((value) => `<${String(value)}>`)),
  })
  wrapped(@Payload() text: string): string {
    return text;
  }

  @EventPattern('happened')
  happened(@Payload() what: string): void {
    calls.push(what);
  }

  @Get(':pattern')
  async ask(): Promise<object> {
    const answers: Record<string, unknown> = {};
    const patterns: [unknown, unknown][] = [
      [{ cmd: 'sum' }, [1, 2]],
      ['field', { a: 5 }],
      ['stream', null],
      ['refuses', null],
      ['fails', null],
      ['wrapped', 'text'],
      ['unknown', null],
    ];
    for (const [pattern, data] of patterns) {
      const reply = this.client.send<unknown>(pattern, data).pipe(
        toArray<unknown>(),
        catchError((error: unknown) => of({ error })),
      );
      answers[JSON.stringify(pattern)] = await firstValueFrom(reply);
    }
    await firstValueFrom(this.client.emit('happened', 'something'), { defaultValue: undefined });
    while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return { answers, calls };
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** An application that answers HTTP and messages over TCP, with the global guards and pipes of the application and without. */
export default async function hybridTcp(trial: Trial): Promise<unknown> {
  const runs: unknown[] = [];
  for (const inheritAppConfig of [false, true]) {
    calls.length = 0;
    const options = { host: '127.0.0.1', port: await freePort() };
    const client = ClientsModule.register([{ name: 'CLIENT', transport: Transport.TCP, options }]);
    const prepare = async (app: INestApplication): Promise<void> => {
      app.useGlobalGuards({ canActivate: (context) => calls.push(`guard ${context.getType()}`) > 0 });
      app.connectMicroservice({ transport: Transport.TCP, options }, { inheritAppConfig });
      await app.startAllMicroservices();
    };
    const metadata = { imports: [client], controllers: [Hybrid] };
    runs.push(await trial.ask(metadata, (asker) => asker.get('/hybrid/all'), { prepare }));
  }
  return runs;
}
