import { once } from 'node:events';
import {
  type ArgumentsHost,
  type CallHandler,
  Catch,
  Controller,
  Get,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import { from, map, type Observable } from 'rxjs';
import { WebSocket } from 'ws';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

@Catch(WsException)
class Filter {
  catch(error: WsException, host: ArgumentsHost): void {
    const client = host.switchToWs().getClient<WebSocket>();
    client.send(JSON.stringify({ event: 'error', data: error.message }));
  }
}

@WebSocketGateway({ path: '/ws' })
@UseFilters(Filter)
class Gateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  afterInit(): void {
    calls.push('init');
  }

  handleConnection(): void {
    calls.push('connected');
  }

  handleDisconnect(): void {
    calls.push('disconnected');
  }

  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown, @ConnectedSocket() client: WebSocket): object {
    return { event: 'echo', data: { data, open: client.readyState, same: this.constructor === Gateway } };
  }

  @SubscribeMessage('field')
  async field(@MessageBody('a') a: unknown): Promise<object> {
    return await Promise.resolve({ event: 'field', data: a });
  }

  @SubscribeMessage('several')
  several(): Observable<object> {
    return from([1, 2]).pipe(map((data) => ({ event: 'several', data })));
  }

  @SubscribeMessage('fails')
  fails(): never {
    throw new WsException('failed');
  }

  @SubscribeMessage('refused')
  @UseGuards({ canActivate: () => false })
  refused(): void {}

  @SubscribeMessage('wrapped')
  @UseInterceptors({
    intercept: (_context: unknown, next: CallHandler) =>
      next.handle().pipe(map((data) => ({ event: 'wrapped', data }))),
  })
  wrapped(@MessageBody() data: unknown): unknown {
    return data;
  }
}

@Controller('beside')
class Beside {
  @Get()
  get(): string {
    return 'beside';
  }
}

/** A gateway with ws, beside routes on the same port. */
export default async function gatewayWs(trial: Trial): Promise<unknown> {
  calls.length = 0;
  const { app, client } = await trial.serve(
    { controllers: [Beside], providers: [Gateway] },
    { prepare: (app) => app.useWebSocketAdapter(new WsAdapter(app)) },
  );
  const socket = new WebSocket(`ws://127.0.0.1:${client.port}/ws`);
  await once(socket, 'open');
  const messages: string[] = [];
  socket.on('message', (data: Buffer) => messages.push(data.toString()));
  const answers: Record<string, unknown> = {};
  for (const [event, count] of Object.entries({
    echo: 1,
    field: 1,
    several: 2,
    fails: 1,
    refused: 1,
    wrapped: 1,
  })) {
    socket.send(JSON.stringify({ event, data: { a: 1 } }));
    while (messages.length < count) await once(socket, 'message');
    answers[event] = messages.splice(0);
  }
  const beside = await client.get('/beside');
  socket.close();
  await once(socket, 'close');
  while (!calls.includes('disconnected')) await new Promise((resolve) => setImmediate(resolve));
  await app.close();
  return { answers, beside, calls };
}
