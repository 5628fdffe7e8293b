import { inMicrotask } from '../../hooks/in-microtask.js';
import { isThenable } from '../../hooks/is-thenable.js';
import { outcomeOf } from '../../hooks/outcome-of.js';
import { heed, warnOf } from '../../words/warn-of.js';
import type { CreateContext, ResourceFactory } from '../factory/resource-factory.js';
import { isKnownRefusal } from './known-refusals.js';
import type { CredentialsOptions } from './credentials-options.js';

/** One reading of the credentials, which several creations may share. */
interface Reading {
  readonly value: Promise<{ readonly secret: unknown }>;
}

/**
 * A factory whose `create` is given the credentials as they are at that moment: read for each creation as one value, so that no user is
 * paired with another one's password, and by one reader at a time. A creation that they were refused to reads them anew, once: while they
 * are rotated, a store may still tell the ones before.
 *
 * It keeps no credentials.
 */
export class Secrets<T> {
  private readonly readings = new Map<string, Reading>();

  constructor(
    private readonly plain: ResourceFactory<T>,
    private readonly secret: NonNullable<CredentialsOptions['secret']>,
    private readonly isAuthenticationError: CredentialsOptions['isAuthenticationError'],
  ) {}

  /** @param plain as `handleOf` makes it @returns it with the credentials, if there are any */
  static handleOf<T>(plain: ResourceFactory<T>, options: CredentialsOptions = {}): ResourceFactory<T> {
    const { secret, isAuthenticationError } = options;
    if (secret === undefined) return plain;
    const secrets = new Secrets(plain, secret, isAuthenticationError);
    return { ...plain, create: (context) => secrets.create(context) };
  }

  private async create(context: CreateContext): Promise<T> {
    const first = await this.read(context);
    try {
      return await this.attempt({ ...context, secret: first.secret });
    } catch (error) {
      if (context.signal.aborted || !this.refused(error)) throw error;
    }
    const { secret } = await this.read(context);
    return await this.attempt({ ...context, secret });
  }

  /** Not by `await` alone, which trusts a thenable. */
  private attempt(context: CreateContext): Promise<T> {
    context.signal.throwIfAborted();
    const made = this.plain.create(context);
    return new Promise((resolved, rejected) => outcomeOf(made, { resolved, rejected }));
  }

  /** Joins who is reading. A reading that a creation gave up waiting for is nobody's any more: it may never end. */
  private async read({ key, signal }: CreateContext): Promise<{ readonly secret: unknown }> {
    const reading = this.readings.get(key) ?? this.begin(key);
    const forget = (): void => this.forget(key, reading);
    signal.addEventListener('abort', forget);
    try {
      return await reading.value;
    } finally {
      signal.removeEventListener('abort', forget);
    }
  }

  private begin(key: string): Reading {
    const value = new Promise<{ readonly secret: unknown }>((resolve, reject) => {
      const over = (end: () => void): void => {
        this.forget(key, reading);
        end();
      };
      inMicrotask(() => {
        try {
          outcomeOf(this.secret({ key }), {
            resolved: (secret) => over(() => resolve({ secret })),
            rejected: (reason) => over(() => reject(reason)),
          });
        } catch (error) {
          over(() => reject(error));
        }
      });
    });
    value.catch(() => undefined); // those who wait hear of it, if anybody still does
    const reading = { value };
    this.readings.set(key, reading);
    return reading;
  }

  private forget(key: string, reading: Reading): void {
    if (this.readings.get(key) === reading) this.readings.delete(key);
  }

  private refused(error: unknown): boolean {
    try {
      const { isAuthenticationError = isKnownRefusal } = this;
      const answer: unknown = isAuthenticationError(error);
      if (heed(answer, warnOf) || isThenable(answer))
        throw new TypeError('isAuthenticationError must answer at once, and returned a promise');
      return answer === true;
    } catch (failure) {
      warnOf(failure);
      return false;
    }
  }
}
