import { describe, expect, it } from '@jest/globals';
import { Press } from './press.fixture.js';

describe('a function with providers', () => {
  it('has those of one context per thread, which is there before the first job', async () => {
    const press = new Press({}, { pool: { min: 2, max: 2 } });
    await press.coordinator.warmUp();
    expect(press.traced.toSorted()).toEqual(['0 bootstrap', '0 init', '1 bootstrap', '1 init']);
    const [one, other] = [
      await press.coordinator.acquire('press'),
      await press.coordinator.acquire('press'),
    ] as const;
    const run = (lease: { resource: unknown }, name: string, input?: unknown): Promise<unknown> =>
      (lease.resource as { run(name: string, input: unknown): Promise<unknown> }).run(name, input);
    expect(await run(one, 'print', 'a')).toBe('a on A4, page 1');
    expect(await run(one, 'print', 'b')).toBe('b on A4, page 2');
    expect(await run(other, 'print', 'c')).toBe('c on A4, page 1');
    expect(await run(one, 'thread')).not.toBe(await run(other, 'thread'));
    await Promise.all([one.release(), other.release()]);
  });

  it('finds what an asynchronous factory has made', async () => {
    expect(await new Press().run('font')).toBe('Garamond');
  });

  it('has providers of its job alone, which are told of the job', async () => {
    const press = new Press({}, { carry: () => ({ requestId: '7' }) });
    const result = { same: true, of: '7', own: true };
    expect(await press.run('notes', 'first')).toEqual({ notes: ['first'], ...result });
    expect(await press.run('notes', 'second')).toEqual({ notes: ['second'], ...result });
    expect([await press.run('stamps'), await press.run('stamps')]).toEqual([1, 2]);
  });

  it('fails with what keeps a provider of its job from being made, and disturbs nobody', async () => {
    const press = new Press({ NOTES: 'throws' });
    await expect(press.run('notes', 'first')).rejects.toMatchObject({
      name: 'TypeError',
      message: 'no notes',
      stack: expect.stringContaining('providers.fixture.ts'),
    });
    expect(await press.run('print', 'a')).toBe('a on A4, page 1');
  });

  it('may bring its results one after the other', async () => {
    const press = new Press();
    const pages: string[] = [];
    for await (const page of (await press.run('pages', 2)) as AsyncIterable<string>) pages.push(page);
    expect(pages).toEqual(['0 on A4, page 1', '1 on A4, page 2']);
  });

  it('stands beside others that have none', async () => {
    expect(await new Press().run('plain', 'a')).toBe('A');
  });

  it('that is none fails its job, and says so', async () => {
    await expect(new Press().run('wrong')).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringContaining('"wrong" must be made by a function that returns the worker\'s'),
    });
  });

  it('that comes later fails its job alone, even where it never comes', async () => {
    const press = new Press();
    expect(await press.run('print', 'a')).toBe('a on A4, page 1');
    await expect(press.run('late')).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringContaining('it returned an object'),
    });
    expect(await press.run('print', 'b')).toBe('b on A4, page 2');
  });

  it('stands beside classes, which are none', async () => {
    const error = await new Press().run('Seal').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'InvalidOptionsError' });
    expect((error as Error).message.match(/Seal/g)).toHaveLength(1); // what was asked for
  });
});
