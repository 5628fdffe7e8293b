import { Controller, Get, Inject, Injectable, Param, Post } from '@nestjs/common';
import {
  DiscoveryModule,
  DiscoveryService,
  MetadataScanner,
  ModulesContainer,
  Reflector,
} from '@nestjs/core';
import type { Trial } from '../../trial.js';

const Tagged = DiscoveryService.createDecorator<string>();

class Parent {
  @Get('parent')
  @Tagged('parent')
  parent(): string {
    return 'parent';
  }
}

@Controller('discovered')
@Tagged('controller')
class Discovered extends Parent {
  @Get(':id')
  @Tagged('one')
  one(@Param('id') id: string): string {
    return id;
  }

  @Post()
  @Tagged('two')
  two(): string {
    return 'two';
  }

  three(): string {
    return 'three';
  }
}

@Injectable()
@Tagged('service')
class Service {
  @Tagged('method')
  method(): string {
    return 'method';
  }
}

interface Wrapper {
  name: unknown;
  metatype: unknown;
  instance: object | undefined;
  isDependencyTreeStatic(): boolean;
  host?: { name: string } | undefined;
}

/** What belongs to the module itself is not the application's. */
const isOurs = ({ host }: Wrapper): boolean => host?.name.startsWith('Resources') === true;

/** What the application finds when it looks through itself, as schedulers, queues and event emitters do. */
export default async function discovery(trial: Trial): Promise<unknown> {
  const found: object[] = [];

  @Injectable()
  class Explorer {
    @Inject(DiscoveryService) private readonly discovery!: DiscoveryService;
    @Inject(MetadataScanner) private readonly scanner!: MetadataScanner;
    @Inject(Reflector) private readonly reflector!: Reflector;
    @Inject(ModulesContainer) private readonly modules!: ModulesContainer;

    onModuleInit(): void {
      this.explore('init');
    }

    onApplicationBootstrap(): void {
      this.explore('bootstrap');
    }

    private explore(when: string): void {
      const wrappers = [...this.discovery.getControllers(), ...this.discovery.getProviders()] as Wrapper[];
      const theirs = wrappers.filter((wrapper) => !isOurs(wrapper));
      const tagged = theirs.filter((wrapper) => {
        const value: unknown = this.discovery.getMetadataByDecorator(Tagged, wrapper as never);
        return value !== undefined;
      });
      const modules = [...this.modules.values()].filter(({ name }) => !name.startsWith('Resources'));
      found.push({
        when,
        names: theirs.map(({ name, host }) => `${host?.name}: ${String(name)}`),
        tagged: tagged.map(({ name }) => String(name)),
        modules: modules.map(({ name, controllers }) => `${name} ${controllers.size}`),
        methods: theirs.flatMap((wrapper) => this.methodsOf(wrapper)),
      });
    }

    private methodsOf(wrapper: Wrapper): object[] {
      const { instance, metatype } = wrapper;
      if (instance === undefined || instance === null || ![Discovered, Service].includes(metatype as never))
        return [];
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner.getAllMethodNames(prototype).map((name) => ({
        name,
        tag: this.discovery.getMetadataByDecorator(Tagged, wrapper as never, name) as unknown,
        reflected: this.reflector.get<unknown>(Tagged.KEY, prototype[name] ?? (() => undefined)),
        path: Reflect.getMetadata('path', prototype[name] ?? (() => undefined)) as unknown,
        static: wrapper.isDependencyTreeStatic(),
      }));
    }
  }

  const metadata = { imports: [DiscoveryModule], controllers: [Discovered], providers: [Service, Explorer] };
  const answers = await trial.ask(metadata, (client) => client.all(['/discovered/5', '/discovered/parent']));
  return { answers, found };
}
