import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  createParamDecorator,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  type NestInterceptor,
  Param,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import type { Observable } from 'rxjs';
import type { Trial } from '../../trial.js';

const Roles = Reflector.createDecorator<string[]>({ key: 'roles' });
const seen: object[] = [];

function describe(where: string, context: ExecutionContext, reflector?: Reflector): void {
  const handler = context.getHandler();
  const owner = context.getClass();
  const prototype = owner.prototype as Record<string, unknown>;
  seen.push({
    where,
    class: owner.name,
    known: KNOWN.includes(owner),
    handler: handler.name,
    same: prototype[handler.name] === handler,
    found: Reflect.getMetadata('role', handler) as unknown,
    ofClass: Reflect.getMetadata('role', owner) as unknown,
    throughConstructor: Reflect.getMetadata('role', prototype['constructor'] as object) as unknown,
    all: reflector?.getAllAndOverride<string>('role', [handler, owner]),
    merged: reflector?.getAllAndMerge(Roles, [handler, owner]),
    type: context.getType(),
    args: context.getArgs().length,
    next: typeof context.switchToHttp().getNext(),
  });
}

@Injectable()
class GlobalGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    describe('global guard', context, this.reflector);
    return true;
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    describe('guard', context, this.reflector);
    return this.reflector.get<string>('role', context.getHandler()) !== 'nobody';
  }
}

@Injectable()
class Watch implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    describe('interceptor', context);
    return next.handle();
  }
}

@Catch(HttpException)
class Filter implements ExceptionFilter {
  catch(error: HttpException, host: ArgumentsHost): void {
    seen.push({ where: 'filter', type: host.getType(), args: host.getArgs().length, error: error.message });
    throw error;
  }
}

const Seen = createParamDecorator((_data, context: ExecutionContext) => {
  describe('parameter', context);
  return context.getHandler().name;
});

@SetMetadata('role', 'parent')
class Parent {
  @SetMetadata('role', 'inherited')
  @Get('inherited')
  inherited(@Seen() name: string): object {
    return { name, role: Reflect.getMetadata('role', this.constructor) as unknown };
  }

  @Get('parent/:id')
  plain(@Param('id') id: string): object {
    return { id, own: Reflect.getOwnMetadata('role', this.constructor) as unknown };
  }
}

@SetMetadata('role', 'child')
@Roles(['class'])
@UseGuards(RoleGuard)
@UseInterceptors(Watch)
@UseFilters(Filter)
@Controller('child')
class Child extends Parent {
  @SetMetadata('role', 'own')
  @Roles(['handler'])
  @Get('own')
  own(@Seen() name: string): object {
    const metadata = Reflect.getMetadata('role', this.constructor) as unknown;
    const handler = Reflect.getMetadata('role', this.own) as unknown;
    return { name, metadata, handler, keys: Reflect.getMetadataKeys(this.constructor).map(String) };
  }

  @SetMetadata('role', 'nobody')
  @Get('refused')
  refused(): void {}
}

@Controller('grandchild')
class Grandchild extends Child {
  override own(name: string): object {
    const parent = Object.getPrototypeOf(this.constructor) as { name: string };
    return { ...super.own(name), parent: parent.name, is: parent === Child };
  }
}

const KNOWN: unknown[] = [Child, Grandchild];

/** What guards, interceptors, parameters and handlers read of the class and the handler that they stand before. */
export default async function metadata(trial: Trial): Promise<unknown> {
  seen.length = 0;
  const providers = [{ provide: APP_GUARD, useClass: GlobalGuard }];
  return await trial.ask({ controllers: [Child, Grandchild], providers }, async (client, app) => {
    const paths = ['own', 'inherited', 'parent/1', 'refused'];
    const answers = await client.all(
      ['child', 'grandchild'].flatMap((controller) => paths.map((path) => `/${controller}/${path}`)),
    );
    const reflector = app.get(Reflector);
    return {
      answers,
      seen,
      routes: (['own', 'inherited', 'plain'] as const).map((name) =>
        Object.keys((Reflect.getMetadata('__routeArguments__', Child, name) ?? {}) as object).map(
          (key) => key.replace(/^[\da-f]{21}/, ''), // a number by chance
        ),
      ),
      direct: reflector.get(Roles, Child.prototype.own),
    };
  });
}
