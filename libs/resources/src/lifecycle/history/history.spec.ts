import { describe, expect, it, jest } from '@jest/globals';
import { UnknownVersionError } from '../../errors/unknown-version-error.js';
import type { ResourceFactory } from '../../pool/factory/resource-factory.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { History, type TypeConfiguration, versionOf } from './history.js';

const factory: ResourceFactory<unknown> = { create: () => ({}) };
const ofMax = (max: number): TypeConfiguration => ({ factory, options: { max } });

const begun = (keep?: number) => {
  const clock = new VirtualClock();
  const history = new History(keep, clock);
  const type = history.meet('pg', () => ofMax(1));
  let last = ofMax(1);
  const begin = (max: number) => {
    const record = history.begin('pg', { before: last, after: ofMax(max), by: 'ann' });
    const end = record.end.bind(record);
    jest.spyOn(record, 'end').mockImplementation((outcome, cause) => {
      if (outcome === 'applied') last = ofMax(max);
      end(outcome, cause);
    });
    return record;
  };
  return { clock, history, type, begin };
};

describe('a change of a configuration', () => {
  it('is pending until it has ended, and then has taken its time', async () => {
    const { clock, type, begin } = begun();
    const record = begin(2);
    expect(type.infos()[1]).toMatchObject({ version: 2, by: 'ann', outcome: 'pending' });
    expect(type.infos()[1]).not.toHaveProperty('duration');
    await clock.advance(250);
    record.end('applied');
    expect(type.infos()[1]).toMatchObject({ outcome: 'applied', duration: 250 });
  });

  it('ends once, whatever is said later', () => {
    const { type, begin } = begun();
    const record = begin(2);
    record.end('rolledBack', new Error('bad'));
    record.end('applied');
    expect(type.infos()[1]).toMatchObject({ outcome: 'rolledBack', cause: 'Error' });
    expect(type.current.version).toBe(1);
  });

  it('that was not applied is told, and its version can not be gone back to', () => {
    const { type, begin } = begun();
    begin(2).end('failed', new Error('bad'));
    begin(3).end('applied');
    expect(type.versions.map(({ version }) => version)).toEqual([1, 3]);
    expect(versionOf(type, 'pg', undefined).version).toBe(1);
    expect(() => versionOf(type, 'pg', 2)).toThrow(UnknownVersionError);
  });

  it('is given up for a rollback: whoever makes it hears of that, and is waited for', async () => {
    const { type, begin } = begun();
    const record = begin(2);
    const over = jest.fn();
    void type.pending?.giveUp().then(over);
    expect(record.signal.aborted).toBe(true);
    await Promise.resolve();
    expect(over).not.toHaveBeenCalled();
    record.end('rolledBack', record.signal.reason);
    await type.pending?.giveUp();
    await Promise.resolve();
    expect(over).toHaveBeenCalled();
  });

  it('that is not given up in time counts as it has ended', async () => {
    const { type, begin } = begun();
    const record = begin(2);
    const given = record.giveUp();
    record.end('applied');
    await given;
    expect(type.current.version).toBe(2);
  });

  it('that has ended is not asked to give up', async () => {
    const { begin } = begun();
    const record = begin(2);
    record.end('applied');
    await record.giveUp();
    expect(record.signal.aborted).toBe(false);
  });

  it('while it is pending, what its pool goes by is no change of somebody else', () => {
    const { type, begin } = begun();
    const record = begin(2);
    type.notice(ofMax(2));
    expect(type.infos()).toHaveLength(2);
    record.end('applied');
    type.notice(ofMax(2));
    expect(type.infos()).toHaveLength(2);
    type.notice(ofMax(3));
    expect(type.infos()[2]).toMatchObject({ version: 3, kind: 'direct' });
  });

  it('is gone back from while it is pending', () => {
    const { type, begin } = begun();
    begin(2).end('applied');
    begin(3);
    expect(versionOf(type, 'pg', undefined).version).toBe(2);
  });
});

describe('a history', () => {
  it('knows what is in force and what was before, though all else is forgotten', () => {
    const { type, begin } = begun(1);
    begin(2).end('applied');
    begin(3).end('applied');
    expect(type.infos().map(({ version }) => version)).toEqual([1, 3]);
    expect(versionOf(type, 'pg', undefined)).toMatchObject({ version: 2, options: { max: 2 } });
    begin(4).end('failed');
    expect(type.current).toMatchObject({ version: 3, options: { max: 3 } });
  });

  it('begins with the configuration before the first change, where nobody has said what was registered', () => {
    const history = new History();
    history.begin('pg', { before: ofMax(1), after: ofMax(2) }).end('applied');
    const type = history.meet('pg', () => ofMax(9));
    expect(type.baseline.options).toEqual({ max: 1 });
    expect(type.current).toMatchObject({ version: 2 });
  });
});
