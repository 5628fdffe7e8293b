import type { Request } from 'autocannon';

/** Called for each answer that is not the one to expect. */
export type UnexpectedAnswer = (status: number, path: string) => void;

const order = { customer: 'Ada', item: 'tea', quantity: 2, price: 3.5 };
const draft = JSON.stringify(order);
const many = JSON.stringify(Array.from({ length: 100 }, () => order));
const lines = `${draft}\n`.repeat(100);
const spoilt = `${lines}{"customer":"nobody"}\n`;

const NDJSON = 'application/x-ndjson';

interface Step {
  method?: 'POST';
  path: string;
  body?: string;
  type?: string;
  status: number;
  times: number;
}

const STEPS: Step[] = [
  { path: '/orders', method: 'POST', body: draft, status: 201, times: 8 },
  { path: '/orders/1', status: 200, times: 12 },
  { path: '/orders/total', status: 200, times: 4 },
  { path: '/orders/2147483647', status: 404, times: 2 },
  { path: '/orders/x', status: 400, times: 2 },
  { path: '/orders', method: 'POST', body: '{"customer":"nobody"}', status: 400, times: 2 },
  { path: '/slow?ms=20', status: 200, times: 4 },
  { path: '/fail', status: 500, times: 2 },
  { path: '/health/live', status: 200, times: 1 },
  { path: '/health/ready', status: 200, times: 1 },
  { path: '/orders/import', method: 'POST', body: many, status: 201, times: 1 },
  { path: '/orders/import', method: 'POST', body: lines, type: NDJSON, status: 201, times: 1 },
  { path: '/orders/import', method: 'POST', body: spoilt, type: NDJSON, status: 400, times: 1 },
  { path: '/orders/export', status: 200, times: 1 },
  { path: '/reports/days?zone=Europe/Vienna', status: 200, times: 1 },
  { path: '/reports/days?zone=nowhere', status: 400, times: 1 },
  { path: '/reports/statements/Ada', status: 200, times: 1 },
];

/** All routes of the application, good and bad requests, spread evenly over one round. */
export function requestMix(unexpected: UnexpectedAnswer): Request[] {
  const slots = STEPS.flatMap((step, order) =>
    Array.from({ length: step.times }, (_, turn) => ({
      step,
      at: (turn + order / STEPS.length) / step.times,
    })),
  );
  return slots
    .toSorted((one, other) => one.at - other.at)
    .map(
      ({ step: { method = 'GET' as const, path, body, type = 'application/json', status: expected } }) => ({
        method,
        path,
        body,
        headers: body === undefined ? {} : { 'content-type': type },
        onResponse: (status) => {
          if (status !== expected) {
            unexpected(status, path);
          }
        },
      }),
    );
}
