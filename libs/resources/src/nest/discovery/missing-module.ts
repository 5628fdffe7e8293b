import type { ModulesContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { describeName } from '../../words/describe-name.js';
import { isError } from '../../words/describe-cause.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeUsage, usagesOf } from '../decorators/resource-usage.js';
import { marked } from './check-modules.js';
import { methodDeclarations } from './declarations.js';
import { declaredClasses } from './declared-classes.js';
import { importersOf } from './importers-of.js';
import { THIS_COPY } from './this-copy.js';

const MISSING = 'needs ResourcesModule, which is not imported';
const IMPORT = 'Import ResourcesModule.forRoot() in the root module';

/**
 * Refuses what nobody will serve where the module is missing, and Nest does not miss it: parameters of handlers, where somebody
 * can call them, and cached methods. A unit test, which starts no application, may do without.
 *
 * @param context that starts
 * @throws InvalidOptionsError
 */
export function refuseUnserved(modules: ModulesContainer, context: object): void {
  if (marked(modules.values(), 'root').length > 0) return;
  const isTest = 'createNestApplication' in context;
  const hasHandlers = 'listen' in context;
  for (const owner of declaredClasses(modules)) {
    const usage = usagesOf(owner).find(({ method, copy }) => method !== undefined && copy === THIS_COPY);
    if (usage !== undefined && hasHandlers)
      throw new InvalidOptionsError(describeUsage(usage), `${MISSING}. ${IMPORT}.`, usage.lease.type);
    const method = methodDeclarations(owner).find(({ copy }) => copy === THIS_COPY);
    if (method !== undefined && !isTest)
      throw new InvalidOptionsError(method.option, `${MISSING}. ${IMPORT}.`);
  }
}

/**
 * What Nest did not find, in this package's words, if it is of this package.
 *
 * @param error that the start has failed with
 * @returns what to fail with
 */
export function explainMissing(modules: ModulesContainer, error: unknown): unknown {
  const missing = missingOf(error);
  if (missing === undefined) return error;
  const { token, asker } = missing;
  const isImported = marked(modules.values(), 'root').length > 0;
  if (token === ResourceCoordinator && !isImported) return noCoordinator(modules, asker);
  for (const owner of declaredClasses(modules)) {
    const usage = usagesOf(owner).find(({ lease }) => lease.token === token);
    if (usage === undefined) continue;
    const problem = isImported
      ? `finds no ${usage.lease.token}: when the application started, nobody had asked for it. ` +
        `Name the type in forRoot({ resources }), or load the class before the application starts.`
      : `${MISSING}, and finds no ${usage.lease.token}. ${IMPORT}; in a unit test, provide that token.`;
    return new InvalidOptionsError(describeUsage(usage), problem, usage.lease.type);
  }
  return error;
}

function noCoordinator(modules: ModulesContainer, asker: string): InvalidOptionsError {
  const [feature] = marked(modules.values(), 'feature');
  return feature === undefined
    ? new InvalidOptionsError('ResourceCoordinator', `of ${asker} ${MISSING}. ${IMPORT}.`)
    : new InvalidOptionsError(
        `ResourcesModule.forFeature() of ${importersOf(modules, feature.module)}`,
        `needs a root, which is not imported: ${asker} finds no ResourceCoordinator. ${IMPORT}, too.`,
      );
}

/** What was not found, and who asked for it, as far as an error of Nest's tells. */
function missingOf(error: unknown): { token: unknown; asker: string } | undefined {
  if (!isError(error)) return undefined;
  try {
    const { context, type } = error as { context?: { name?: unknown }; type?: unknown };
    return context === undefined ? undefined : { token: context.name, asker: describeName(type) };
  } catch {
    return undefined; // whatever it is, it is not Nest's
  }
}
