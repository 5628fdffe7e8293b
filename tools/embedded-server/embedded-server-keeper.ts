import { EmbeddedCluster } from './embedded-cluster.js';

/** What the keeper tells the application. */
export type KeeperMessage = { url: string; folder: string } | { done: KeeperOrder } | { error: string };

/** What it is told to do with its server. */
export type KeeperOrder = 'crash' | 'recover';

/*
 * Runs in a process of its own, started by EmbeddedServer. It stops the server and deletes its folder as soon as the
 * channel to the application is gone, so that no way for the application to end, SIGKILL included, leaves a server
 * behind. Signals are for the application: it drains its sessions first and closes the channel afterwards.
 */
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}
const applicationEnded = new Promise<void>((resolve) => {
  process.once('disconnect', resolve);
  if (!process.connected) {
    resolve();
  }
});

let cluster: EmbeddedCluster | undefined;
try {
  cluster = await EmbeddedCluster.create();
  tell({ url: await cluster.start(), folder: cluster.folder });
} catch (error) {
  tell({ error: (error as Error).message });
}
process.on('message', (order: KeeperOrder) => void obey(order));
await applicationEnded;
await cluster?.stop();

async function obey(order: KeeperOrder): Promise<void> {
  try {
    await cluster?.[order]();
    tell({ done: order });
  } catch (error) {
    tell({ error: (error as Error).message });
  }
}

function tell(message: KeeperMessage): void {
  if (process.connected) {
    process.send?.(message, () => undefined);
  }
}
