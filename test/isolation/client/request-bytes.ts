import { gzipSync } from 'node:zlib';
import type { PlannedRequest } from '../plan/plan.js';

/** The planned request as it goes over the wire. */
export function requestBytes(plan: PlannedRequest, application: number): Buffer {
  const body = bodyOf(plan);
  const lines = [
    `${body === undefined ? 'GET' : methodOf(plan)} /u/${plan.handler} HTTP/1.1`,
    'host: localhost',
    `x-id: ${plan.id}`,
    `x-tenant: ${plan.tenant}`,
    `x-user: ${plan.user}`,
    `x-application: ${application}`,
  ];
  if (body !== undefined) {
    // A body that nobody parses is the middleware's to read.
    lines.push(`content-type: ${plan.handler === 'post' ? 'application/json' : 'application/octet-stream'}`);
    lines.push(`content-length: ${body.length}`);
    if (plan.gzip) lines.push('content-encoding: gzip');
  }
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  return body === undefined ? head : Buffer.concat([head, body]);
}

function methodOf({ handler }: PlannedRequest): string {
  return handler === 'post' ? 'POST' : 'GET';
}

function bodyOf({ id, tenant, bytes, gzip }: PlannedRequest): Buffer | undefined {
  if (bytes === 0) return undefined;
  const text = JSON.stringify({ mark: `<${id}/${tenant}>`, filling: 'x'.repeat(bytes) });
  return gzip ? gzipSync(text, { level: 1 }) : Buffer.from(text);
}
