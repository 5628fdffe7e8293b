import { BadRequestException } from '@nestjs/common';
import type { Readable } from 'node:stream';

const MAX_LINE = 64 * 1024;

/** The lines of a request body, read no faster than they are consumed. */
export async function* readLines(body: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    // The socket must survive an early end, or the client would never read the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > MAX_LINE) {
        throw new BadRequestException(`a line is longer than ${MAX_LINE} characters`);
      }
    }
    yield rest + decoder.decode();
  } catch (error) {
    if (body.errored) {
      throw new BadRequestException('the body ended too early', { cause: error });
    }
    throw error;
  } finally {
    body.resume();
  }
}
