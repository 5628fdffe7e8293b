import { ConsoleLogger } from '@nestjs/common';

const BOOTSTRAP_CONTEXTS = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Leaves out what Nest says about its own start: the lines that main prints tell more, and an error is told once. */
export class StartupLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (!isBootstrap(rest)) {
      super.log(message, ...rest);
    }
  }

  override error(message: unknown, ...rest: unknown[]): void {
    if (!isBootstrap(rest)) {
      super.error(message, ...rest);
    }
  }
}

function isBootstrap(rest: unknown[]): boolean {
  return BOOTSTRAP_CONTEXTS.has(String(rest.at(-1)));
}
