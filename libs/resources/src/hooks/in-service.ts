import { isObject } from './is-object.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { checkIsResource } from './check-resource.js';

const POOLED = 'To share one object among many, use a cached resource';

/**
 * The objects that are resources now: from the moment at which `create` has brought them until they are destroyed. It exists because a pool
 * lends a resource to one at a time, and a cache destroys one when nobody uses it any more: of a factory that brings the same object twice,
 * the one would lend it to two, and the other destroy it while it is in use. Numbers, texts and other primitive values have no state that two
 * could share, so equal ones are as many resources. Each gets a number, by which events and lease infos name it: an object has no name of
 * its own that could be trusted.
 */
export class InService {
  private readonly objects = new WeakSet<object>();
  private entered = 0;

  /** @param remedy what to do about one that is a resource already */
  constructor(private readonly remedy = POOLED) {}

  /**
   * @returns its number, from 1
   * @throws InvalidOptionsError if it is not a resource, or is one already. Then it must be left alone
   */
  enter(resource: unknown, type: string): number {
    checkIsResource(resource, type);
    if (this.has(resource)) {
      const problem = 'must return a new resource each time; it returned one that is in service already';
      throw new InvalidOptionsError('factory.create', `${problem}. ${this.remedy}`, type);
    }
    if (isObject(resource)) this.objects.add(resource);
    return ++this.entered;
  }

  has(resource: unknown): boolean {
    return isObject(resource) && this.objects.has(resource);
  }

  /** It is destroyed. */
  leave(resource: unknown): void {
    if (isObject(resource)) this.objects.delete(resource);
  }
}
