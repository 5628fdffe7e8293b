import {
  type CanActivate,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  type NestInterceptor,
  type PipeTransform,
  Post,
  Query,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { Trial } from '../../trial.js';

const TAG = Symbol('tag');
let touched = 0;

@Injectable()
class Guard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

@Injectable()
class Interceptor implements NestInterceptor {
  intercept(
    _context: unknown,
    next: { handle(): ReturnType<NestInterceptor['intercept']> },
  ): ReturnType<NestInterceptor['intercept']> {
    return next.handle();
  }
}

@Injectable()
class Pipe implements PipeTransform {
  transform(value: unknown): unknown {
    return value;
  }
}

@Injectable()
class Service {
  static readonly kind = 'service';
  private readonly secret = 1;

  hello(): string {
    return `hello ${this.secret}`;
  }
}

class Parent {
  static inherited = 'inherited';

  @Get('parent')
  parent(): string {
    return 'parent';
  }
}

@Controller('classes')
@UseGuards(Guard)
@UseInterceptors(Interceptor)
class Classes extends Parent {
  static readonly answer = 42;
  static count(): number {
    return Classes.answer;
  }

  @Inject(Service) private readonly property!: Service;
  private readonly made = new Date(0);

  constructor(private readonly service: Service) {
    super();
  }

  /** Nobody has a reason to read it. */
  get touchy(): number {
    touched++;
    return 1;
  }

  set touchy(_value: number) {
    touched++;
  }

  @Get()
  find(@Query('q', Pipe) query: string): object {
    const Self = this.constructor as new (service: Service) => Classes;
    const other = new Self(this.service);
    return {
      query,
      same: this.constructor === Classes,
      name: this.constructor.name,
      answer: (this.constructor as typeof Classes).answer,
      count: (this.constructor as typeof Classes).count(),
      inherited: (this.constructor as typeof Classes).inherited,
      other: other instanceof Classes && other.constructor === Classes,
      otherKeys: Object.keys(other),
      parent: Object.getPrototypeOf(this.constructor) === Parent,
      own: Reflect.ownKeys(this).map(String),
      enumerable: Object.keys(this),
      method: this.find === Classes.prototype.find,
      hello: this.service.hello() + this.property.hello(),
      made: this.made,
    };
  }

  @Post('symbol')
  [TAG](): string {
    return 'tagged';
  }

  @Get('arrow')
  async later(): Promise<string> {
    return await Promise.resolve('later');
  }

  notAHandler(): string {
    return 'nothing';
  }
}

@Controller('frozen')
class Frozen {
  @Get()
  get(): string {
    return 'frozen';
  }
}
Object.freeze(Frozen.prototype);

@Module({ controllers: [Classes, Frozen], providers: [Service, Pipe] })
class Feature {}

const CLASSES = [Classes, Parent, Frozen, Service, Guard, Interceptor, Pipe, Feature];

type Snapshot = Map<string, PropertyDescriptor & { text?: string; metadata?: string }>;

/** Every property of a class and its prototype, as it is: nothing is called. */
function snapshot(): Snapshot {
  const taken: Snapshot = new Map();
  for (const owner of CLASSES) {
    for (const [place, object] of [
      ['static', owner],
      ['prototype', owner.prototype],
    ] as const) {
      for (const key of Reflect.ownKeys(object)) {
        const descriptor = Object.getOwnPropertyDescriptor(object, key);
        const value: unknown = descriptor?.value;
        const text =
          typeof value === 'function' ? `${value.name} ${value.length} ${String(value)}` : undefined;
        const metadata = typeof value === 'function' ? describeMetadata(value) : undefined;
        taken.set(`${owner.name} ${place} ${String(key)}`, { ...descriptor, text, metadata });
      }
      taken.set(`${owner.name} ${place} as a whole`, {
        value: Object.getPrototypeOf(object) as unknown,
        metadata: describeMetadata(object),
        configurable: Object.isExtensible(object),
      });
    }
  }
  return taken;
}

function describeMetadata(target: object): string {
  const keys = Reflect.getOwnMetadataKeys(target) as unknown[];
  return keys
    .map((key) => `${String(key)}=${JSON.stringify(Reflect.getOwnMetadata(key, target), replacer)}`)
    .toSorted()
    .join(' ');
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === 'function' ? `function ${value.name}` : value;
}

/** Keys, order, and what changed since an earlier snapshot. */
function changes(before: Snapshot, after: Snapshot): object {
  const changed: string[] = [];
  for (const [key, now] of after) {
    const then = before.get(key);
    for (const part of ['value', 'get', 'set', 'writable', 'enumerable', 'configurable', 'text'] as const) {
      if (then?.[part] !== now[part]) changed.push(`${key}: ${part}`);
    }
  }
  return {
    keys: [...after.keys()],
    changed,
    metadata: [...after].map(([key, { metadata }]) => `${key}: ${metadata}`),
  };
}

/** Classes, prototypes, statics, metadata, instances: the same before and after the start, and while requests are served. */
export default async function classes(trial: Trial): Promise<unknown> {
  touched = 0;
  const before = snapshot();
  return await trial.ask({ imports: [Feature] }, async (client, app) => {
    const started = changes(before, snapshot());
    const controller = app.get(Classes);
    const answers = await client.all(['/classes?q=1', '/classes/parent', '/classes/arrow', '/frozen']);
    return {
      started,
      answers,
      symbol: await client.post('/classes/symbol', {}),
      served: changes(before, snapshot()),
      touched,
      instance: {
        own: Reflect.ownKeys(controller).map(String),
        prototype: Object.getPrototypeOf(controller) === Classes.prototype,
        direct: controller.parent(),
        nothing: controller.notAHandler(),
        service: Reflect.ownKeys(app.get(Service)).map(String),
        same: app.get(Service).constructor === Service,
      },
      moduleKeys: Reflect.ownKeys(app.get(Feature)).map(String),
    };
  });
}
