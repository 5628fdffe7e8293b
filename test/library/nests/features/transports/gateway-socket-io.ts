import { Controller, Get } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import { io } from 'socket.io-client';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

@WebSocketGateway({ namespace: 'chat' })
class Gateway implements OnGatewayConnection, OnGatewayDisconnect {
  handleConnection(): void {
    calls.push('connected');
  }

  handleDisconnect(): void {
    calls.push('disconnected');
  }

  @SubscribeMessage('echo')
  echo(@MessageBody() data: unknown, @ConnectedSocket() client: { connected: boolean }): object {
    return { data, connected: client.connected, same: this.constructor === Gateway };
  }

  @SubscribeMessage('event')
  event(@MessageBody('a') a: unknown): object {
    return { event: 'answer', data: a };
  }

  @SubscribeMessage('fails')
  fails(): never {
    throw new WsException('failed');
  }
}

@Controller('beside')
class Beside {
  @Get()
  get(): string {
    return 'beside';
  }
}

/** A gateway with socket.io, beside routes on the same port. */
export default async function gatewaySocketIo(trial: Trial): Promise<unknown> {
  calls.length = 0;
  const { app, client } = await trial.serve(
    { controllers: [Beside], providers: [Gateway] },
    { prepare: (app) => app.useWebSocketAdapter(new IoAdapter(app)) },
  );
  const socket = io(`http://127.0.0.1:${client.port}/chat`, {
    transports: ['websocket'],
    reconnection: false,
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const next = (event: string): Promise<unknown> => new Promise((resolve) => socket.once(event, resolve));
  const echo: unknown = await socket.timeout(2_000).emitWithAck('echo', { a: 1 });
  const answer = next('answer');
  socket.emit('event', { a: 2 });
  const exception = next('exception');
  socket.emit('fails', { a: 3 });
  const answers = { echo, answer: await answer, exception: await exception };
  const beside = await client.get('/beside');
  const disconnected = next('disconnect');
  await app.close();
  await disconnected;
  return { answers, beside, calls };
}
