import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { readLines } from './read-lines.js';

/** Express hands out Node's request, Fastify its own around it. */
export type ImportRequest = IncomingMessage | { raw: IncomingMessage };

/** The rows of an import: the items of a JSON array, or the lines of an NDJSON body as they arrive. */
export async function* orderRows(request: ImportRequest, body: unknown): AsyncGenerator {
  const message = 'raw' in request ? request.raw : request;
  if (message.headers['content-type']?.startsWith('application/x-ndjson')) {
    for await (const line of readLines(message)) {
      if (line.trim() !== '') {
        yield parseLine(line);
      }
    }
  } else if (Array.isArray(body)) {
    yield* body;
  } else {
    throw new UnsupportedMediaTypeException('send a JSON array, or one order a line as application/x-ndjson');
  }
}

/** A line that is not JSON stays a text. No order is a text, so the import refuses its row by number, as any other. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return line;
  }
}
