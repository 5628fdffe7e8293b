import { Controller, Get, Injectable, Scope } from '@nestjs/common';
import { repl } from '@nestjs/core';
import type { AdapterName } from '../features.js';
import { moduleImports } from '../module-imports.js';
import { Trial } from '../trial.js';

// A process of its own, in which an application is looked at through Nest's REPL.
const [adapter, presence] = process.argv.slice(2) as [AdapterName, string];

@Injectable()
class Service {
  hello(): string {
    return 'hello';
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly number = 1;
}

@Controller('things')
class Things {
  constructor(private readonly service: Service) {}

  @Get()
  get(): string {
    return this.service.hello();
  }

  other(): void {}
}

const trial = new Trial(adapter, await moduleImports(presence));
const metadata = {
  controllers: [Things],
  providers: [Service, PerRequest, { provide: 'VALUE', useValue: 'value' }],
};
await repl(trial.root(metadata));
