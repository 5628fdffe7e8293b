import assert from 'node:assert/strict';
import { eventually } from '../eventually.fixture.js';

const text = async (url: string): Promise<string> => await (await fetch(url)).text();

/** Asks the application of Getting started for all that it can do. Rejects when an answer is not as the page says. */
export async function askTheGuide(url: string): Promise<void> {
  const orders = `${url}/orders`;
  await eventually(async () => assert.equal(await text(`${orders}/count`), '3'));
  assert.equal(await text(`${orders}/1`), '{"id":1,"item":"tea"}');
  assert.equal((await fetch(`${orders}/archive`, { method: 'POST' })).status, 202);
  await eventually(async () => assert.equal(await text(`${orders}/count`), '2'));
}

/** What the log of the application says in the end, after SIGTERM. */
export const CLEAN_END = 'All leases came back';
