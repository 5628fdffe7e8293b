import { AppProcess } from './app-process.fixture.js';
import { Postgres } from './postgres.fixture.js';
import { insertRandomOrders } from './random-orders.fixture.js';

/** Most orders that a report may be about, and as many as there are. */
export const ORDERS = 100_000;

/** A report that takes long, and more than the buffers between here and there. */
export const LARGE = { title: 'All orders', last: ORDERS };
export const SMALL = { title: 'The latest', last: 10 };

/** The application with one processor for reports, and orders to tell of. */
export class ReportApplication {
  private constructor(
    readonly app: AppProcess,
    private readonly postgres: Postgres,
  ) {}

  static async start(environment: NodeJS.ProcessEnv): Promise<ReportApplication> {
    const postgres = await Postgres.start();
    const app = await AppProcess.start({ DATABASE_URL: postgres.url, PROCESSORS: '1', ...environment });
    await insertRandomOrders(postgres, ORDERS);
    return new ReportApplication(app, postgres);
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.postgres.stop();
  }
}
