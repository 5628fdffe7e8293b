import 'reflect-metadata';
import {
  type CallHandler,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  type NestInterceptor,
  Scope,
  type Type,
} from '@nestjs/common';
import { ClsModule, ClsService } from 'nestjs-cls';
import { PooledResource, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import type { Observable } from 'rxjs';

interface Session {
  id: number;
}

const RESOURCES = { session: { create: (): Session => ({ id: 1 }), pool: { max: 100 } } };

@Controller()
class BareController {
  @Get()
  answer(): object {
    return { id: 1 };
  }
}

@Controller()
class ParameterController {
  @Get()
  answer(@PooledResource('session') session: ScopedLease<Session>): object {
    return { id: session.resource.id };
  }
}

@Controller()
class ConstructorController {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  @Get()
  async answer(): Promise<object> {
    return { id: (await this.session.acquire()).id };
  }
}

@Controller()
class UsingController {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  @Get()
  answer(): Promise<object> {
    return this.session.use(({ id }) => ({ id }));
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestSession implements Session {
  readonly id = 1;
}

@Controller()
class RequestScopedController {
  constructor(private readonly session: RequestSession) {}

  @Get()
  answer(): object {
    return { id: this.session.id };
  }
}

@Controller()
class ClsController {
  constructor(private readonly cls: ClsService) {}

  @Get()
  answer(): object {
    this.cls.set('session', { id: 1 });
    return this.cls.get<object>('session');
  }
}

@Injectable()
class PassingInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle();
  }
}

@Module({})
class BenchModule {}

const app = (controller: Type, rest: Partial<DynamicModule> = {}): DynamicModule => ({
  module: BenchModule,
  controllers: [controller],
  ...rest,
});

/** The same answer, made in different ways. */
export const VARIANTS: Record<string, () => DynamicModule> = {
  'bare handler': () => app(BareController),
  'with the module, borrows nothing': () =>
    app(BareController, { imports: [ResourcesModule.forRoot({ resources: RESOURCES })] }),
  'handler parameter': () =>
    app(ParameterController, { imports: [ResourcesModule.forRoot({ resources: RESOURCES })] }),
  'constructor parameter': () =>
    app(ConstructorController, { imports: [ResourcesModule.forRoot({ resources: RESOURCES })] }),
  'constructor parameter, use()': () =>
    app(UsingController, { imports: [ResourcesModule.forRoot({ resources: RESOURCES })] }),
  'REQUEST-scoped provider': () => app(RequestScopedController, { providers: [RequestSession] }),
  'nestjs-cls': () =>
    app(ClsController, { imports: [ClsModule.forRoot({ global: true, middleware: { mount: true } })] }),
  'empty global interceptor': () =>
    app(BareController, {
      providers: [PassingInterceptor, { provide: 'APP_INTERCEPTOR', useExisting: PassingInterceptor }],
    }),
};
