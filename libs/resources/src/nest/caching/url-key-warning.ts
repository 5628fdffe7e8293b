import type { Cache } from 'cache-manager';
import { currentScope } from '../../scopes/current-scope.js';
import { describeKey } from '../../words/describe-name.js';
import type { ResourcesLog } from '../log/resources-log.js';
import { handlerArgumentsOf } from '../contexts/handled-scope.js';

/** What is needed of a request, whatever its framework. */
interface Asked {
  readonly url?: string;
  readonly originalUrl?: string;
  readonly raw?: { readonly url?: string; readonly originalUrl?: string };
  readonly headers?: Readonly<Record<string, unknown>>;
}

/**
 * Logs once when an answer is looked up by the URL of a request that carries credentials, as `CacheInterceptor` does, which
 * then gives one user's answer to the next.
 *
 * @param manager is changed in place
 */
export function warnOfUrlKeys(manager: Cache, log: ResourcesLog): Cache {
  const { get } = manager;
  let said = false;
  const watched = (...args: Parameters<typeof get>): unknown => {
    const [key] = args;
    if (!said && isUrlOfCredentials(key)) {
      said = true;
      log.write(
        'warn',
        `CacheInterceptor keeps the answer to ${describeKey(key.split('?')[0])} under its URL, for every caller, and the request ` +
          `carries credentials. Override trackBy() so that the key includes the user or the tenant, or leave such routes out.`,
      );
    }
    return get(...args);
  };
  return Object.assign(manager, { get: watched as typeof get }); // its overloads are told apart at run time
}

function isUrlOfCredentials(key: unknown): key is string {
  if (typeof key !== 'string') return false;
  const [request] = handlerArgumentsOf(currentScope.getStore()) as [Asked?]; // of whichever framework
  const { headers, raw } = request ?? {};
  if (headers?.['authorization'] === undefined && headers?.['cookie'] === undefined) return false;
  return [request?.originalUrl, request?.url, raw?.originalUrl, raw?.url].includes(key);
}
