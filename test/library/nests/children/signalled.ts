import { Controller, Get, Injectable } from '@nestjs/common';
import { Client } from '../client.js';
import type { AdapterName } from '../features.js';
import { moduleImports } from '../module-imports.js';
import { Trial } from '../trial.js';

// A process of its own that waits for a signal, and says what its hooks are called with.
const [adapter, presence] = process.argv.slice(2) as [AdapterName, string];
const say = (text: string): void => void process.stdout.write(`${text}\n`);

@Injectable()
class Hooked {
  onModuleDestroy(): void {
    say('destroy');
  }

  beforeApplicationShutdown(signal?: string): void {
    say(`before shutdown ${signal}`);
  }

  async onApplicationShutdown(signal?: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    say(`shutdown ${signal}`);
  }
}

@Controller('signalled')
class Signalled {
  @Get()
  get(): string {
    return 'here';
  }
}

const trial = new Trial(adapter, await moduleImports(presence));
const app = await trial.create({ controllers: [Signalled], providers: [Hooked] });
app.enableShutdownHooks();
await app.listen(0, '127.0.0.1');
say((await Client.of(app).get('/signalled')).body);
process.on('exit', (code) => say(`exit ${code}`));
say(`listeners ${['SIGTERM', 'SIGINT'].map((name) => process.listenerCount(name)).join()}`);
say('up');
