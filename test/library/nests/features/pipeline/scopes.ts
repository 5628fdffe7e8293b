import {
  type CanActivate,
  Controller,
  Get,
  Inject,
  Injectable,
  type NestInterceptor,
  Param,
  type PipeTransform,
  Scope,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ContextIdFactory, INQUIRER, ModuleRef, REQUEST } from '@nestjs/core';
import type { Trial } from '../../trial.js';

const made: string[] = [];
let serial = 0;

interface AnyRequest {
  url: string;
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  readonly number = ++serial;
  constructor(@Inject(INQUIRER) readonly parent: object) {
    made.push(`transient ${this.number} for ${parent?.constructor?.name}`);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly number = ++serial;
  constructor(
    @Inject(REQUEST) readonly request: AnyRequest,
    readonly transient: Transient,
  ) {
    made.push(`per request ${this.number} ${request?.url}`);
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestGuard implements CanActivate {
  constructor(private readonly own: PerRequest) {}

  canActivate(): boolean {
    made.push(`guard with ${this.own.number}`);
    return !this.own.request.url.includes('refused');
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestInterceptor implements NestInterceptor {
  constructor(private readonly own: PerRequest) {}

  intercept(
    _context: unknown,
    next: Parameters<NestInterceptor['intercept']>[1],
  ): ReturnType<NestInterceptor['intercept']> {
    made.push(`interceptor with ${this.own.number}`);
    return next.handle();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestPipe implements PipeTransform<string, string> {
  constructor(private readonly own: PerRequest) {}

  transform(value: string): string {
    return `${value} ${this.own.number}`;
  }
}

@Controller({ path: 'per-request', scope: Scope.REQUEST })
@UseGuards(RequestGuard)
@UseInterceptors(RequestInterceptor)
class PerRequestController {
  private static made = 0;
  private readonly number = ++PerRequestController.made;

  constructor(
    private readonly own: PerRequest,
    private readonly transient: Transient,
  ) {}

  @Get(':id')
  get(@Param('id', RequestPipe) id: string): object {
    const { own, transient, number } = this;
    const same = this.constructor === PerRequestController;
    return { id, number, own: own.number, nested: own.transient.number, transient: transient.number, same };
  }
}

@Controller('inherited-scope')
class Inherited {
  constructor(
    private readonly own: PerRequest,
    private readonly moduleRef: ModuleRef,
  ) {}

  @Get(':id')
  async get(@Param('id') id: string): Promise<object> {
    const contextId = ContextIdFactory.getByRequest(this.own.request);
    const resolved = await this.moduleRef.resolve(PerRequest, contextId);
    const other = await this.moduleRef.resolve(PerRequest);
    return { id, own: this.own.number, resolved: resolved.number, other: other.number };
  }
}

@Controller('singleton')
class Singleton {
  constructor(
    private readonly transient: Transient,
    private readonly moduleRef: ModuleRef,
  ) {}

  @Get(':id')
  async get(@Param('id', RequestPipe) id: string): Promise<object> {
    const contextId = ContextIdFactory.create();
    this.moduleRef.registerRequestByContextId({ url: 'made up' }, contextId);
    const own = await this.moduleRef.resolve(PerRequest, contextId);
    return { id, transient: this.transient.number, own: own.number, url: own.request.url };
  }
}

/** Request-scoped and transient classes: which are made when, for whom, and with what. */
export default async function scopes(trial: Trial): Promise<unknown> {
  made.length = 0;
  serial = 0;
  const metadata = {
    controllers: [PerRequestController, Inherited, Singleton],
    providers: [PerRequest, Transient],
  };
  return await trial.ask(metadata, async (client) => ({
    answers: await client.all([
      '/per-request/1',
      '/per-request/2',
      '/per-request/refused',
      '/inherited-scope/3',
      '/singleton/4',
      '/singleton/5',
    ]),
    made,
  }));
}
