import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as library from 'nestjs-resources';
import { ResourceCache } from 'nestjs-resources/cache';
import { RETIRE_REASONS } from 'nestjs-resources/pool';
import { DEFAULT_CACHE_OPTIONS } from '../../libs/resources/src/cache/cache-options.js';
import { readCoordinatorOptions } from '../../libs/resources/src/coordinator/coordinator-options.js';
import { readStartOptions } from '../../libs/resources/src/coordinator/starting/start-options.js';
import { TRANSITIONS } from '../../libs/resources/src/lifecycle/phase-machine.js';
import { PHASES } from '../../libs/resources/src/reports/phase.js';
import { type Trouble, type TroubleKind, TROUBLE_KINDS } from '../../libs/resources/src/reports/trouble.js';
import { levelOf } from '../../libs/resources/src/nest/log/trouble-lines.js';
import { EVICTION_NAMES } from '../../libs/resources/src/policies/eviction/create-eviction.js';
import { DEFAULT_PROCESSOR_OPTIONS } from '../../libs/resources/src/threads/processor-options.js';
import { parseDuration } from '../../libs/resources/src/time/duration.js';
import { kindsOf, membersOf } from './declarations.fixture.js';
import { MarkdownDocument, PROJECT } from './document.fixture.js';

/** The first column of a table, in its order. */
const namesUnder = (path: string, heading: string, column: string): string[] =>
  new MarkdownDocument(path).tableUnder(heading).map((row) => row[column]);

/** The rows of an option table, and the defaults that it gives. */
const optionsUnder = (path: string, heading: string): Map<string, string> =>
  new Map(new MarkdownDocument(path).tableUnder(heading).map((row) => [row['option'], row['default']]));

const CACHE_PAGE = 'docs/reference/cache-options.md';
const EVENTS_PAGE = 'docs/reference/events.md';

/** `{ creation: { timeout: '10s' } }` as `creation.timeout` with the default as the source writes it. */
function flatten(options: object, prefix = ''): [string, string][] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? flatten(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, typeof value === 'string' ? `'${value}'` : String(value)]],
  );
}

describe('the reference', () => {
  it('lists every option of a pool with its default', () => {
    const listed = optionsUnder('docs/reference/pool-options.md', 'Pool options');
    expect([...listed.keys()].toSorted()).toEqual(membersOf('PoolOptions').toSorted());
    for (const [name, value] of flatten(library.DEFAULT_POOL_OPTIONS)) {
      expect([name, listed.get(name)]).toEqual([name, value]);
    }
  });

  it('lists every option of the cache with its default', () => {
    const listed = optionsUnder(CACHE_PAGE, 'Cache options');
    expect([...listed.keys()]).toEqual(membersOf('CacheOptions'));
    for (const [name, value] of flatten(DEFAULT_CACHE_OPTIONS)) {
      expect([name, listed.get(name)]).toEqual([name, value]);
    }
  });

  it('lists every option of a load and of a cached lease', () => {
    expect([...optionsUnder(CACHE_PAGE, 'Load options').keys()]).toEqual(membersOf('WrapOptions'));
    expect([...optionsUnder(CACHE_PAGE, 'Lease options').keys()]).toEqual(membersOf('LeaseOptions'));
  });

  it('names every eviction policy', () => {
    const { prose } = new MarkdownDocument(CACHE_PAGE);
    for (const name of EVICTION_NAMES) expect(prose).toContain(`\`'${name}'\``);
  });

  it('lists every option of the module with its default', () => {
    const listed = optionsUnder('docs/reference/module-options.md', 'Module options');
    const all = [...membersOf('CoordinatorOptions'), 'logging', 'processors', 'admin']; // of the module's, which extend them
    const members = all.map((name) => name.split('.')[0]); // the cache's have a table of their own
    expect([...listed.keys()]).toEqual([...new Set(members)]);
    const drainTimeout = listed.get('drainTimeout')?.replaceAll("'", '') ?? '';
    expect(parseDuration(drainTimeout, 'drainTimeout')).toBe(new library.ResourceCoordinator().drainTimeout);
    const startTimeout = listed.get('startTimeout')?.replaceAll("'", '') ?? '';
    expect(parseDuration(startTimeout, 'startTimeout')).toBe(readCoordinatorOptions({}).startTimeout);
    const deadlockTimeout = listed.get('deadlockTimeout')?.replaceAll("'", '') ?? '';
    expect(parseDuration(deadlockTimeout, 'deadlockTimeout')).toBe(
      readCoordinatorOptions({}).deadlockTimeout,
    );
  });

  it('lists every option of an acquisition', () => {
    const members = [...membersOf('AcquireOptions'), ...membersOf('BorrowOptions')]; // the coordinator's extend the pool's
    expect([...optionsUnder('docs/reference/acquire-options.md', 'Acquire options').keys()]).toEqual(members);
  });

  it('lists every option of a processor, of its jobs and of its worker, with the defaults', () => {
    const page = 'docs/reference/processor-options.md';
    const listed = optionsUnder(page, 'Processor options');
    const own = membersOf('ProcessorOptions').map((name) => name.replace(/^pool\..+/, 'pool')); // it has a table of its own
    expect([...listed.keys()]).toEqual([...new Set(own)]);
    for (const [name, value] of flatten(DEFAULT_PROCESSOR_OPTIONS))
      expect([name, listed.get(name)]).toEqual([name, value]);
    expect([...optionsUnder(page, 'Options of a job').keys()]).toEqual(membersOf('JobOptions'));
    expect([...optionsUnder(page, 'Options of a worker').keys()]).toEqual(membersOf('WorkerOptions'));
  });

  it("lists every option of PostgreSQL's sessions", () => {
    const own = membersOf('PgResourceOptions').map((name) => name.replace(/^pool\..+/, 'pool')); // it has a table of its own
    expect([...optionsUnder('docs/guide/postgresql.md', 'Options').keys()]).toEqual([...new Set(own)]);
  });

  it('lists every option of a reconfiguration', () => {
    const listed = optionsUnder('docs/guide/reconfiguration.md', 'A new generation');
    expect([...listed.keys()]).toEqual(membersOf('ReconfigureOptions'));
  });

  it('lists every error with the status that HTTP clients get', () => {
    const bases: unknown[] = [library.ResourceError, library.UnavailableError];
    const statuses = Object.entries(library)
      .filter(([name, error]) => name.endsWith('Error') && !bases.includes(error))
      .map(([name, error]) => [name, String((error as typeof library.ResourceError).prototype.getStatus())]);
    const listed = new MarkdownDocument('docs/reference/errors.md')
      .tableUnder('Errors')
      .map((row) => [row['error'], row['HTTP']]);
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(statuses));
  });

  it('tells of a lease going back only what tests over real sockets prove', () => {
    const specs = ['behaviour', 'bodies', 'unseen-work', 'graphql'].map((name) =>
      readFileSync(join(PROJECT, `test/library/http/${name}.spec.ts`), 'utf8'),
    );
    const named = /(?:behaviour: |it\()(['"])(.+: .+)\1,/g;
    const proved = specs.flatMap((spec) => [...spec.matchAll(named)].map(([, , behaviour]) => behaviour));
    const told = new MarkdownDocument('docs/reference/http.md')
      .tableUnder('When a lease goes back')
      .map((row) => `${row['what happens']}: ${row['the lease goes back']}`);
    expect(told.length).toBeGreaterThan(0);
    expect(proved).toEqual(expect.arrayContaining(told));
  });

  it('lists every reason to retire', () => {
    expect(namesUnder(EVENTS_PAGE, 'Reasons to retire', 'reason')).toEqual(RETIRE_REASONS);
  });

  it('lists every cause for which an entry leaves a cache', () => {
    const causes = Object.keys(new ResourceCache().stats.evictions);
    expect(namesUnder('docs/reference/stats.md', 'Why an entry left', 'cause')).toEqual(causes);
  });

  it('lists every event', () => {
    const poolEvents = namesUnder(EVENTS_PAGE, 'Pool events', 'kind');
    expect(poolEvents.toSorted()).toEqual(kindsOf('PoolEvent').toSorted());
    expect(namesUnder(EVENTS_PAGE, 'Cache events', 'kind')).toEqual(kindsOf('CacheEvent'));
  });

  it('lists every kind of trouble that is logged, with its level', () => {
    const rows = new MarkdownDocument('docs/operations/observing.md').tableUnder('The log');
    const level = (kind: TroubleKind): string => levelOf({ kind } as Trouble); // it asks for nothing else
    expect(rows.map((row) => [row['kind'], row['level']])).toEqual(
      TROUBLE_KINDS.map((kind) => [kind, level(kind)]),
    );
  });

  it('lists every phase', () => {
    expect(namesUnder(EVENTS_PAGE, 'Phases', 'phase')).toEqual(PHASES);
    expect(namesUnder('docs/guide/lifecycle.md', 'Phases', 'phase')).toEqual(PHASES);
  });

  it('lists every field of what is told of a phase', () => {
    expect(namesUnder(EVENTS_PAGE, 'Lifecycle', 'field').toSorted()).toEqual(
      membersOf('LifecycleEvent').toSorted(),
    );
  });

  it('draws every transition of a life, and no other', () => {
    const [picture] = new MarkdownDocument('docs/guide/lifecycle.md').blocks;
    const drawn = [...picture.code.matchAll(/^ *(\w+) --> (\w+)/gm)].map(([, from, to]) => `${from} ${to}`);
    const legal = Object.entries(TRANSITIONS).flatMap(([from, to]) => to.map((next) => `${from} ${next}`));
    expect(drawn.toSorted()).toEqual(legal.toSorted());
  });

  it('lists every option of the start of a type, and the default', () => {
    const listed = optionsUnder('docs/reference/module-options.md', 'Options of the start');
    expect([...listed.keys()]).toEqual(membersOf('StartOptions'));
    const { optional, startTimeout } = readStartOptions({}, 'any', 'any');
    expect([listed.get('optional'), listed.get('startTimeout')]).toEqual([`${optional}`, `${startTimeout}`]);
  });

  it('lists every field of the stats', () => {
    const page = 'docs/reference/stats.md';
    expect(namesUnder(page, 'Stats', 'field')).toEqual(membersOf('CoordinatorStats'));
    expect(namesUnder(page, 'Of a pool', 'field')).toEqual(membersOf('PoolStats'));
    expect(namesUnder(page, 'Of a cache', 'field')).toEqual(membersOf('CacheStats'));
    expect(namesUnder(page, 'Of processors', 'field')).toEqual(membersOf('ProcessorStats'));
  });
});
