import { once } from 'node:events';
import type { Client, QueryResultRow } from 'pg';
import Cursor from 'pg-cursor';

/**
 * The rows of a query, a batch at a time and none ahead, through a cursor that is closed however the reading ends. The
 * end of the session is watched too, because a cursor whose session dies at the wrong moment never settles.
 */
export async function* readInBatches<Row extends QueryResultRow>(
  client: Client,
  text: string,
  size: number,
): AsyncGenerator<Row[]> {
  const watching = new AbortController();
  const sessionEnded = once(client, 'end', { signal: watching.signal }).then((): never => {
    throw new Error('the session has ended');
  });
  sessionEnded.catch(() => undefined);

  const cursor = client.query(new Cursor<Row>(text));
  let failed = false;
  cursor.once('error', () => {
    failed = true;
  });
  try {
    for (;;) {
      const rows = await Promise.race([cursor.read(size), sessionEnded]);
      if (rows.length === 0) {
        return;
      }
      yield rows;
    }
  } finally {
    if (!failed) {
      await Promise.race([cursor.close(), sessionEnded]).catch(() => undefined);
    }
    watching.abort();
  }
}
