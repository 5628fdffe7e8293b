import { EventEmitter, once } from 'node:events';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { Controller, Get, Injectable, Param, type Type } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { CancelOnHangUp } from 'nestjs-resources/pg';
import type { Client as PgClient } from 'pg';
import { Client } from '../../http/client.fixture.js';

/** Who hangs up, and who does not, at a time. */
const IMPATIENT = 8;
const HONEST = 6;
/** Milliseconds of a statement that may be over when it is cancelled, at most, and of one that isn't. */
const LONGEST = 12;
const ENDLESS = 5_000;

/** What has become of the statements. */
@Injectable()
export class Fates {
  /** Of those whose client hung up: ended by a cancel, or by themselves. */
  cancelled = 0;
  done = 0;
  /** Tells of each statement of an impatient client that begins. */
  readonly begun = new EventEmitter().setMaxListeners(0);
  /** What statements have failed with otherwise. */
  readonly wrong: string[] = [];
}

@Controller()
class LoadedController {
  constructor(
    @PooledResource('pg') private readonly pg: ScopedLease<PgClient>,
    private readonly fates: Fates,
  ) {}

  @CancelOnHangUp()
  @Get('impatient/:id/:time')
  async impatient(@Param('id') id: string, @Param('time') time: string): Promise<void> {
    const client = await this.pg.acquire();
    if (Number(time) > LONGEST / 2) await client.query('BEGIN');
    this.fates.begun.emit(id);
    await client.query('SELECT pg_sleep($1)', [Number(time) / 1000]).then(
      () => this.fates.done++,
      (error: Error & { code?: unknown }) => {
        if (error.code !== '57014') this.fates.wrong.push(error.message);
        this.fates.cancelled++;
      },
    );
  }

  @CancelOnHangUp()
  @Get('honest/:number')
  async honest(@Param('number') number: string): Promise<string> {
    const client = await this.pg.acquire();
    try {
      await client.query('SELECT pg_sleep(0.002)');
      const { rows } = await client.query<{ number: string }>('SELECT $1::text AS number, pg_sleep(0.001)', [
        number,
      ]);
      return rows[0].number;
    } catch (error) {
      this.fates.wrong.push(String(error));
      throw error;
    }
  }
}

export const LOADED: { controllers: Type[]; providers: Type[] } = {
  controllers: [LoadedController],
  providers: [Fates],
};

/**
 * Hangs up about when a statement begins, goes on or ends.
 *
 * @param random numbers below a bound
 * @returns how many honest requests there were, and what was wrong with their answers
 */
export async function hangUp(
  { port, fates }: { port: number; fates: Fates },
  count: number,
  random: (below: number) => number,
): Promise<{ honest: number; wrong: string[] }> {
  const client = new Client(port);
  const wrong: string[] = [];
  const ids = Array.from({ length: count }, (_, index) => String(index));
  let honest = 0;
  const impatient = async (): Promise<void> => {
    for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
      const time = random(5) === 0 ? ENDLESS : random(LONGEST * 1000) / 1000;
      const patience = (Math.min(time, LONGEST) * random(1000)) / 1000;
      const path = `/impatient/${id}/${time}`;
      const begun = once(fates.begun, id);
      if (random(4) === 0) {
        const pipeline = client.pipeline([path, `/impatient/${id}-second/${time}`]);
        await begun;
        await wait(patience);
        pipeline.abort();
      } else {
        const request = client.send('GET', path);
        request.end();
        await begun;
        await wait(patience);
        request.destroy();
      }
    }
  };
  const patient = async (): Promise<void> => {
    while (ids.length > 0) {
      const number = String(honest++);
      const { status, body } = await client.get(`/honest/${number}`);
      if (status !== 200 || body !== number) wrong.push(`${status} ${body}`);
    }
  };
  await Promise.all([
    ...Array.from({ length: IMPATIENT }, impatient),
    ...Array.from({ length: HONEST }, patient),
  ]);
  return { honest, wrong };
}

/** Timers alone would be too coarse. @param time milliseconds */
async function wait(time: number): Promise<void> {
  const end = performance.now() + time;
  if (time > 2) await delay(time - 2);
  while (performance.now() < end) await turn();
}
