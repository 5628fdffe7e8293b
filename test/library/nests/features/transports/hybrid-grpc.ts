import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Inject, type INestApplication, type OnModuleInit } from '@nestjs/common';
import {
  type ClientGrpc,
  ClientsModule,
  GrpcMethod,
  GrpcStreamMethod,
  type GrpcOptions,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { catchError, firstValueFrom, from, map, of, toArray, type Observable } from 'rxjs';
import type { Trial } from '../../trial.js';
import { freePort } from './hybrid-tcp.js';

const PROTO = `syntax = "proto3";
package sums;
service Sums {
  rpc One (Numbers) returns (Sum);
  rpc Many (Numbers) returns (stream Sum);
  rpc Running (stream Sum) returns (stream Sum);
  rpc Refuses (Numbers) returns (Sum);
  rpc Fails (Numbers) returns (Sum);
}
message Numbers { repeated int32 numbers = 1; }
message Sum { int32 value = 1; }
`;

interface Sum {
  value: number;
}

interface Numbers {
  numbers?: number[];
}

type SumsClient = Record<'one' | 'many' | 'refuses' | 'fails', (numbers: Numbers) => Observable<Sum>> & {
  running(sums: Observable<Sum>): Observable<Sum>;
};

@Controller('grpc')
class Sums implements OnModuleInit {
  private sums!: SumsClient;

  constructor(@Inject('CLIENT') private readonly client: ClientGrpc) {}

  onModuleInit(): void {
    this.sums = this.client.getService<SumsClient>('Sums');
  }

  @GrpcMethod('Sums', 'One')
  async one({ numbers = [] }: Numbers): Promise<Sum> {
    return await Promise.resolve({ value: numbers.reduce((a, b) => a + b, 0) });
  }

  @GrpcMethod('Sums', 'Many')
  many(@Payload() { numbers = [] }: Numbers): Observable<Sum> {
    return from(numbers).pipe(map((value) => ({ value })));
  }

  @GrpcStreamMethod('Sums', 'Running')
  running(sums: Observable<Sum>): Observable<Sum> {
    let total = 0;
    return sums.pipe(map(({ value }) => ({ value: (total += value) })));
  }

  @GrpcMethod('Sums', 'Refuses')
  refuses(): never {
    throw new RpcException({ code: 7, message: 'not you' });
  }

  @GrpcMethod('Sums', 'Fails')
  fails(): never {
    throw new TypeError('not told');
  }

  @Get()
  async ask(): Promise<object> {
    const numbers = { numbers: [1, 2, 3] };
    const answers: Record<string, unknown> = {};
    const calls: Record<string, Observable<Sum>> = {
      one: this.sums.one(numbers),
      many: this.sums.many(numbers),
      running: this.sums.running(from([{ value: 1 }, { value: 2 }])),
      refuses: this.sums.refuses(numbers),
      fails: this.sums.fails(numbers),
    };
    for (const [name, call] of Object.entries(calls)) {
      const reply = call.pipe(
        toArray<unknown>(),
        catchError((error: { code?: number; details?: string }) => of([error.code, error.details])),
      );
      answers[name] = await firstValueFrom(reply);
    }
    return answers;
  }
}

/** An application that answers HTTP and gRPC: single messages, streams and errors. */
export default async function hybridGrpc(trial: Trial): Promise<unknown> {
  const protoPath = fileURLToPath(new URL('../../sums.proto', import.meta.url));
  writeFileSync(protoPath, PROTO);
  const url = `127.0.0.1:${await freePort()}`;
  const options: GrpcOptions = { transport: Transport.GRPC, options: { package: 'sums', protoPath, url } };
  const client = ClientsModule.register([{ name: 'CLIENT', ...options }]);
  const prepare = async (app: INestApplication): Promise<void> => {
    app.connectMicroservice(options);
    await app.startAllMicroservices();
  };
  const metadata = { imports: [client], controllers: [Sums] };
  return await trial.ask(metadata, (asker) => asker.get('/grpc'), { prepare });
}
