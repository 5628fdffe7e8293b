import type { HttpClient, Question } from './http-client.fixture.js';

export interface Outcome {
  kind: 'aborted' | 'fail' | 'create' | 'find' | 'total' | 'slow';
  /** What was wrong with the answer. An aborted request may go without one. */
  problem?: string;
}

/** Sends so many requests over so many connections at once: one in ten is aborted, one in twenty fails. */
export async function drive(
  http: HttpClient,
  { requests, connections }: { requests: number; connections: number },
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests) {
      const index = next;
      next += 1;
      outcomes.push(await one(http, index));
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  return outcomes;
}

async function one(http: HttpClient, index: number): Promise<Outcome> {
  if (index % 10 === 3) {
    return abort(http, index);
  }
  if (index % 20 === 7) {
    return ask(http, 'fail', { path: '/fail' }, 500, { statusCode: 500 });
  }
  if (index % 10 < 5) {
    const order = makeOrder(index);
    return ask(http, 'create', { method: 'POST', path: '/orders', body: order }, 201, order);
  }
  if (index % 10 < 8) {
    return findAgain(http, index);
  }
  return index % 10 === 8
    ? ask(http, 'total', { path: '/orders/total' }, 200, { sameSession: true })
    : ask(http, 'slow', { path: '/slow?ms=2' }, 200, { slept: 2 });
}

const ABANDONED: ((index: number) => Question)[] = [
  () => ({ path: '/slow?ms=10' }),
  (index) => ({ method: 'POST', path: '/orders', body: makeOrder(index) }),
  () => ({ path: '/orders/export' }),
  (index) => ({
    method: 'POST',
    path: '/orders/import',
    body: Array.from({ length: 50 }, () => makeOrder(index)),
  }),
  () => ({ path: '/orders/total' }),
  () => ({ method: 'POST', path: '/orders/report', body: { title: 'All orders', last: 1_000 } }),
];

/** Milliseconds until the sender hangs up; `undefined`: when the answer begins. */
const WAITS = [0, 1, 3, 10, 50, 150, undefined];

/** Hangs up in all kinds of requests: before they arrive, while they wait, while they work, while they are answered. */
async function abort(http: HttpClient, index: number): Promise<Outcome> {
  const round = Math.floor(index / 10);
  const question = ABANDONED[round % ABANDONED.length](index);
  const wait = WAITS[round % WAITS.length];
  if (!(await hangUp(http, question, wait))) {
    await hangUp(http, question, undefined);
  }
  return { kind: 'aborted' };
}

/** @returns whether the answer was still incomplete */
async function hangUp(http: HttpClient, question: Question, wait: number | undefined): Promise<boolean> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = wait === undefined ? undefined : setTimeout(abort, wait);
  try {
    await http.send(question, controller.signal, wait === undefined ? abort : undefined);
    return false;
  } catch {
    return true;
  } finally {
    clearTimeout(timer);
  }
}

async function findAgain(http: HttpClient, index: number): Promise<Outcome> {
  const order = makeOrder(index);
  try {
    const created = await http.json({ method: 'POST', path: '/orders', body: order });
    const { id } = created.body as { id: number };
    return await ask(http, 'find', { path: `/orders/${id}` }, 200, { id, ...order });
  } catch (error) {
    return { kind: 'find', problem: (error as Error).message };
  }
}

async function ask(
  http: HttpClient,
  kind: Outcome['kind'],
  question: Question,
  status: number,
  expected: object,
): Promise<Outcome> {
  try {
    const answer = await http.json(question);
    const body = answer.body as Record<string, unknown>;
    const correct =
      answer.status === status && Object.entries(expected).every(([name, value]) => body[name] === value);
    return correct ? { kind } : { kind, problem: `${answer.status} ${JSON.stringify(body)}` };
  } catch (error) {
    return { kind, problem: (error as Error).message };
  }
}

function makeOrder(index: number): { customer: string; item: string; quantity: number; price: number } {
  return {
    customer: `customer ${index}`,
    item: `item ${index % 7}`,
    quantity: (index % 9) + 1,
    price: index / 4,
  };
}
