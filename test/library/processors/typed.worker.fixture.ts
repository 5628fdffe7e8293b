import type { JobContext } from 'nestjs-resources/processors';
import { Page, Unit } from './page.fixture.js';

/** A worker in TypeScript, with what Node's own stripping of types could not run. */
export function measure(page: { width: number; height: number }, job: JobContext): string {
  return job.signal.aborted ? '' : new Page(page.width, page.height).area(Unit.Millimetre);
}

export async function* pages(count: number): AsyncGenerator<number> {
  for (let page = 1; page <= count; page++) yield page;
}

export function first(): Promise<Uint8Array> {
  return Promise.resolve(new Uint8Array([1]));
}

export async function picture(): Promise<Buffer> {
  return Buffer.from([1]);
}

export async function* pictures(): AsyncGenerator<Buffer> {
  yield Buffer.from([1]);
}

export function fails(): never {
  throw new Error('no paper');
}

export function oneOrAll(all: boolean): string | AsyncGenerator<number> {
  return all ? pages(3) : 'page';
}

export const version = 1;
