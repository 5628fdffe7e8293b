import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { EmbeddedServer } from '../tools/embedded-server/embedded-server.js';
import { DatabaseUrl } from './database/database-url.js';
import { rootMessageOf } from './message-of.js';
import type { Settings } from './settings.js';

/**
 * Milliseconds that a connection may idle: longer than load balancers and other clients leave it, since what they send on
 * one that is being closed is lost. Node's own 5 s pass within a turn or two of a busy event loop.
 */
const KEEP_ALIVE = 75_000;

/** Everything that has to be up while the application runs, started and stopped in the right order. */
export class OrdersProcess {
  private readonly server?: EmbeddedServer;
  private app?: INestApplication;
  private starting?: Promise<string[]>;

  constructor(private readonly settings: Settings) {
    this.server = settings.databaseUrl === undefined ? new EmbeddedServer() : undefined;
  }

  /** Resolves with the lines that tell what was started and where to look. */
  start(): Promise<string[]> {
    this.starting = this.startAll();
    return this.starting;
  }

  /** The application drains its sessions while there still is a server to talk to. */
  async stop(): Promise<void> {
    await this.starting?.catch(() => undefined);
    try {
      await this.app?.close();
    } finally {
      await this.stopServer();
    }
  }

  async stopServer(): Promise<void> {
    await this.server?.stop();
  }

  private async startAll(): Promise<string[]> {
    const { host, port } = this.settings;
    // Nest loads while the server starts.
    const [{ createApplication }, { OrdersSchema }, { NotesSchema }, databaseUrl] = await Promise.all([
      import('./create-application.js'),
      import('./orders/orders.schema.js'),
      import('./notes/notes.schema.js'),
      this.startServer(),
    ]);
    this.app = await createApplication(this.settings, databaseUrl);
    await this.app.init();
    try {
      await this.app.get(OrdersSchema).create();
      await this.app.get(NotesSchema).create();
    } catch (error) {
      throw new Error(`no session with ${databaseUrl.withoutPassword}: ${rootMessageOf(error)}`, {
        cause: error,
      });
    }
    const server = this.app.getHttpServer() as Server;
    server.keepAliveTimeout = KEEP_ALIVE;
    await this.app.listen(port, host).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EADDRINUSE'
        ? new Error(`port ${port} is in use: set PORT`, { cause: error })
        : error;
    });
    return this.describe(await this.app.getUrl(), databaseUrl);
  }

  private async startServer(): Promise<DatabaseUrl> {
    return new DatabaseUrl(this.settings.databaseUrl ?? (await this.server?.start()) ?? '');
  }

  private describe(url: string, databaseUrl: DatabaseUrl): string[] {
    // The password of a server that is deleted at the stop is no secret, and psql asks for it.
    const database = this.server ? `embedded PostgreSQL, ${databaseUrl.value}` : databaseUrl.withoutPassword;
    const { adminSocket } = this.settings;
    return [
      `Orders is running on ${url}`,
      `  try        curl ${url}/orders -H 'content-type: application/json' -d '{"customer":"Ada","item":"tea","quantity":2,"price":3.5}'`,
      `  resources  ${url}/resources`,
      `  health     ${url}/health/ready`,
      `  adapter    ${this.settings.adapter}`,
      `  database   ${database}`,
      `  sessions   at most ${this.settings.poolMax}`,
      ...(adminSocket === undefined
        ? []
        : [`  admin      npx nestjs-resources status --socket ${adminSocket}`]),
      'Press Ctrl-C to stop.',
    ];
  }
}
