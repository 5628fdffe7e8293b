import { messageOf } from './message-of.js';
import { OrdersProcess } from './orders-process.js';
import { Settings } from './settings.js';
import { onStopSignals } from './stop-signals.js';

try {
  const orders = new OrdersProcess(new Settings(process.env));
  onStopSignals(
    () => void exitAfter(orders.stop(), 0),
    () => void exitAfter(orders.stopServer(), 1),
  );
  const lines = await orders.start().catch(async (error: unknown) => {
    await orders.stop();
    throw error;
  });
  process.stdout.write(`${lines.join('\n')}\n`);
} catch (error) {
  fail(error);
}

async function exitAfter(stopped: Promise<void>, code: number): Promise<void> {
  await stopped.then(() => process.exit(code), fail);
}

function fail(error: unknown): never {
  process.stderr.write(`orders: ${messageOf(error)}\n`);
  process.exit(1);
}
