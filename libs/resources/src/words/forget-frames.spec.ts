import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { forgetFrames } from './forget-frames.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

class Witness {
  fail(): Error {
    return new Error('failed');
  }
}

/** @returns an error that was made in a method of an object, and the object as long as something keeps it */
function witnessed(): { error: Error; witness: WeakRef<Witness> } {
  const witness = new Witness();
  return { error: witness.fail(), witness: new WeakRef(witness) };
}

async function isKept(witness: WeakRef<Witness>): Promise<boolean> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    gc();
  }
  await new Promise((resolve) => setImmediate(resolve));
  return witness.deref() !== undefined;
}

describe('an error that is kept', () => {
  it('keeps the objects that were at work, as the engine has it', async () => {
    const { error, witness } = witnessed();
    expect(await isKept(witness)).toBe(true);
    expect(error).toBeInstanceOf(Error);
  });

  it.each([
    ['itself', (error: Error): unknown => error],
    ['as a cause', (cause: Error): unknown => new Error('outer', { cause: new Error('inner', { cause }) })],
    ['among several', (error: Error): unknown => new AggregateError([error])],
  ])('keeps none of them when they are forgotten: %s', async (_, wrap) => {
    const { error, witness } = witnessed();
    const kept = wrap(error);
    forgetFrames(kept);
    expect(await isKept(witness)).toBe(false);
    expect(kept).toBeDefined();
  });

  it('may be anything', () => {
    const ring = new AggregateError([]);
    ring.errors.push(ring);
    ring.cause = ring;
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    for (const error of [ring, hostile, undefined, null, 0, 'text', Object.create(null)]) {
      expect(() => forgetFrames(error)).not.toThrow();
    }
  });
});
