// Offers an admin socket at the path that it is given, until it is told to close, and ends when nothing else keeps it.
import cluster from 'node:cluster';
import { targetDouble } from '../../../libs/resources/src/admin/admin-socket.fixture.js';
import { AdminCommands } from '../../../libs/resources/src/admin/commands/admin-commands.js';
import { AdminServer } from '../../../libs/resources/src/admin/socket/admin-server.js';
import { SocketPlace } from '../../../libs/resources/src/admin/socket/socket-place.js';
import { systemClock } from '../../../libs/resources/src/time/clock.js';

const [path, how] = process.argv.slice(2);

if (how === 'cluster' && cluster.isPrimary) {
  const fork = (): void => void cluster.fork().on('message', (message: string) => process.send?.(message));
  fork();
  process.on('message', fork);
} else {
  const server = new AdminServer(new SocketPlace(path), new AdminCommands(targetDouble()), systemClock);
  const opened = await server.open().catch((error: unknown) => String(error));
  process.send?.(opened);
  process.on('message', (wish) => {
    if (wish === 'close') void server.close().then(() => process.disconnect());
    else process.disconnect(); // then nothing keeps it alive
  });
}
