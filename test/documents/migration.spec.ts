import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { membersOf } from './declarations.fixture.js';
import { MarkdownDocument, PROJECT } from './document.fixture.js';
import { type Offer, PEERS } from './peers.fixture.js';

const page = new MarkdownDocument('docs/guide/migration.md');

/** The peers that are pools. */
const POOLS = ['generic-pool', 'tarn', 'lightning-pool', 'pg-pool'];

/** What the table of a peer lists. */
function listedOf(peer: string): Offer {
  const listed: Record<string, string[]> = {};
  for (const { kind, theirs } of page.tableUnder(peer)) (listed[kind] ??= []).push(...theirs.split(', '));
  return listed;
}

const sorted = (offer: Offer): [string, string[]][] =>
  Object.entries(offer)
    .map(([kind, names]): [string, string[]] => [kind, names.toSorted()])
    .toSorted(([a], [b]) => a.localeCompare(b));

/** The differences that a table tells of, each once. */
const toldOf = (peer: string): string[] => [
  ...new Set(
    page
      .tableUnder(peer)
      .map((row) => row['what is different'])
      .filter((difference) => difference !== ''),
  ),
];

/** The names of a comparison's tests. */
function provedOf(peer: string): string[] {
  const spec = readFileSync(join(PROJECT, `test/library/migration/${peer.toLowerCase()}.spec.ts`), 'utf8');
  return [...spec.matchAll(/^ {2}it\('(.+)', /gm)].map(([, name]) => name);
}

describe.each(Object.keys(PEERS))('the page on migration, of %s', (peer) => {
  it('lists everything that the installed version offers, and nothing else', () => {
    expect(sorted(listedOf(peer))).toEqual(sorted(PEERS[peer]()));
  });

  it('says of everything what takes its place', () => {
    for (const row of page.tableUnder(peer)) expect([row['theirs'], row['ours']]).not.toContain('');
  });

  it('says why something is different', () => {
    const mute = page
      .tableUnder(peer)
      .filter((row) => (row['what is different'] === '') !== (row['why'] === ''));
    expect(mute).toEqual([]);
  });

  it('names the installed version', () => {
    const { version } = JSON.parse(
      readFileSync(join(PROJECT, `node_modules/${peer.toLowerCase()}/package.json`), 'utf8'),
    ) as { version: string };
    expect(page.prose).toContain(`${peer} ${version.replace(/\.\d+$/, '')}`);
  });
});

/** What options of ours a peer's table names in place of its own, in code marks. */
function namedFor(peer: string): string[] {
  const [, section] = page.prose.split(`\n## ${peer}\n`);
  const rows = section.split('\n## ', 1)[0].split('\n');
  const cells = rows.filter((row) => /^\| (option|factory) /.test(row)).map((row) => row.split('|')[3]);
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z]\w*(?:\.\w+)*)`/g)].map(([, name]) => name));
}

const HOOKS = ['create', 'destroy', 'validate', 'reset'];
const OURS = [
  ...HOOKS,
  ...['PoolOptions', 'AcquireOptions', 'CreateContext'].flatMap((name) => membersOf(name)),
];

describe.each(POOLS)('what takes the place of the options of %s', (peer) => {
  it('exists', () => {
    const exists = (name: string): boolean => OURS.some((own) => `.${own}.`.includes(`.${name}.`));
    expect(namedFor(peer).length).toBeGreaterThan(5);
    expect(namedFor(peer).filter((name) => !exists(name))).toEqual([]);
  });
});

describe.each(Object.keys(PEERS))('the differences to %s', (peer) => {
  it('are those that tests of both prove', () => {
    expect(toldOf(peer).toSorted()).toEqual(provedOf(peer).toSorted());
  });
});
