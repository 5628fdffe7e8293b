import { Controller, Get, Inject, Injectable, Param } from '@nestjs/common';
import type { Trial } from '../../trial.js';
import { Trial as OtherTrial } from '../../trial.js';

@Injectable()
class Service {
  @Inject('NAME') readonly name!: string;
}

class Base {
  @Get('base/:id')
  base(@Param('id') id: string): object {
    return { id, same: this.constructor === Shared };
  }
}

@Controller('shared')
class Shared extends Base {
  constructor(private readonly service: Service) {
    super();
  }

  @Get(':id')
  get(@Param('id') id: string): object {
    return {
      id,
      name: this.service.name,
      method: this.get === Shared.prototype.get,
      count: arguments.length,
    };
  }
}

const named = (name: string): object => ({
  controllers: [Shared],
  providers: [Service, { provide: 'NAME', useValue: name }],
});

/** Two applications in one process with the same classes, of which one may have the module; one after the other, and at once. */
export default async function twoApplications(trial: Trial): Promise<unknown> {
  const { get } = Shared.prototype;
  const paths = ['/shared/1', '/shared/base/2'];
  const bare = new OtherTrial(trial.adapter, []);
  const one = await trial.serve(named('one'));
  const two = await bare.serve(named('two'));
  const three = await trial.serve(named('three'));
  const atOnce = [await one.client.all(paths), await two.client.all(paths), await three.client.all(paths)];
  await one.app.close();
  const afterwards = [await two.client.all(paths), await three.client.all(paths)];
  await two.app.close();
  await three.app.close();
  const again = await trial.ask(named('again'), (client) => client.all(paths));
  return { atOnce, afterwards, again, unchanged: Shared.prototype.get === get, bare: bare.logger.told };
}
