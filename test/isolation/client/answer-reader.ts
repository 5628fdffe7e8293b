export interface ReceivedAnswer {
  readonly status: number;
  readonly body: string;
}

/** Cuts what a connection receives into answers: heads, bodies with a length and bodies in chunks. */
export class AnswerReader {
  private text = '';
  private ended = false;

  push(bytes: Buffer): void {
    this.text += bytes.toString('latin1');
  }

  /** The next complete answer, if it is there. */
  next(): ReceivedAnswer | undefined {
    const headEnd = this.text.indexOf('\r\n\r\n');
    if (headEnd === -1) return undefined;
    const head = this.text.slice(0, headEnd).toLowerCase();
    const status = Number(head.slice(9, 12));
    const rest = this.text.slice(headEnd + 4);
    const found = this.body(head, rest);
    if (found === undefined) return undefined;
    this.text = rest.slice(found.length);
    return { status, body: found.body };
  }

  /** The connection has ended: so has a body that is as long as the connection lives. */
  end(): void {
    this.ended = true;
  }

  private body(head: string, rest: string): { body: string; length: number } | undefined {
    const length = /\r\ncontent-length: (\d+)/.exec(head)?.[1];
    if (length !== undefined) {
      const size = Number(length);
      return rest.length < size ? undefined : { body: rest.slice(0, size), length: size };
    }
    if (head.includes('\r\ntransfer-encoding: chunked')) return inChunks(rest);
    return this.ended ? { body: rest, length: rest.length } : undefined;
  }
}

function inChunks(rest: string): { body: string; length: number } | undefined {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(rest.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    // Fastify writes a 400 over a body in progress when it cannot read what comes next: this answer has no end.
    if (Number.isNaN(size) || rest.length < end) return undefined;
    body += rest.slice(lineEnd + 2, end - 2);
    at = end;
    if (size === 0) return { body, length: at };
  }
}
