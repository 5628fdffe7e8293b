import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { transactionalAdapter } from 'nestjs-resources/cls';
import { Postgres } from '../../application/postgres.fixture.js';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';

interface Answer {
  readonly result?: unknown;
  readonly failure?: string;
}

describe('the adapter for nestjs-cls', () => {
  let postgres: Postgres;
  let application: ChildProcess;

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query('CREATE TABLE names (name text)');
    const program = new URL('./names-process.fixture.ts', import.meta.url);
    application = forkTypeScript(program, { args: [postgres.url] });
  });

  beforeEach(() => postgres.query('TRUNCATE names'));

  afterEach(async () => expect(await postgres.sessions()).toEqual([]));

  afterAll(async () => {
    application.kill();
    await postgres.stop();
  });

  async function answerTo(call: string, options: object = {}): Promise<Answer> {
    application.send({ call, ...options });
    const [answer] = (await Promise.race([once(application, 'message'), once(application, 'exit')])) as [
      Answer,
    ];
    return answer;
  }

  const names = async (): Promise<string[]> =>
    (await postgres.query<{ name: string }>('SELECT name FROM names ORDER BY name')).map(({ name }) => name);

  it('has what its methods do in one transaction with all else on the session of the scope', async () => {
    const { result } = await answerTo('all');
    const [host, coordinator, joined, apart, after] = result as string[];
    expect([coordinator, joined, after]).toEqual([host, host, host]);
    expect(apart).not.toBe(host);
    expect(await names()).toEqual(['after', 'apart', 'coordinator', 'host', 'joined']);
  });

  it('rolls all of it back but what was apart', async () => {
    expect(await answerTo('allFails')).toEqual({ failure: 'Error: all of it' });
    expect(await names()).toEqual(['apart']);
  });

  it("joins a transaction of the coordinator's", async () => {
    expect(await answerTo('inCoordinators')).toEqual({ failure: 'Error: all of it' });
    expect(await names()).toEqual([]);
  });

  it('passes what is asked for on, over its defaults', async () => {
    const options = { defaults: { isolation: 'REPEATABLE READ' } };
    const asked = { isolation: 'serializable', access: 'on' };
    expect(await answerTo('terms', options)).toEqual({ result: asked });
    const byDefault = { isolation: 'repeatable read', access: 'off' };
    expect(await answerTo('defaultTerms', options)).toEqual({ result: byDefault });
  });

  it('has a client where no transaction is open, if it is told which', async () => {
    expect(await answerTo('withoutTransaction', { fallback: true })).toEqual({
      result: expect.stringContaining('INSERT'),
    });
  });

  it('says what is missing where no transaction is open, and it is not told', async () => {
    expect(await answerTo('withoutTransaction')).toEqual({
      failure: expect.stringMatching(/^InvalidOptionsError: .*"tx" was read where no transaction is open/),
    });
  });

  it.each([
    ['fallback', { fallback: 1 }],
    ['client', { client: 1 }],
  ])('refuses a wrong or unknown "%s"', (option, options) => {
    expect(() => transactionalAdapter('pg', options as object)).toThrow(expect.objectContaining({ option }));
  });
});
