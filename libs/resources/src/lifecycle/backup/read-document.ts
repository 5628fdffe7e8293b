import type { BaseIssue, GenericSchema, safeParse } from 'valibot';
import { InvalidBackupError } from '../../errors/invalid-backup-error.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import { type BackupDocument, checksumOf } from './backup-document.js';
import { backupSchema } from './backup-schema.js';
import { type Json, NotPlainError, plainCopy } from './plain-copy.js';

/** Nobody needs a validator who restores nothing. */
let loading: ReturnType<typeof load> | undefined;

async function load(): Promise<{ safeParse: typeof safeParse; schema: GenericSchema }> {
  const valibot = await import('valibot');
  return { safeParse: valibot.safeParse, schema: backupSchema(valibot) };
}

/**
 * Reads a backup: whoever has given it can change nothing of it any more.
 *
 * @param document parsed JSON
 * @param ground for loading the validator, which would otherwise be evaluated in the context of whoever asks first
 * @throws InvalidBackupError naming the first fault; no value of the document stands in its message
 */
export async function readDocument(document: unknown, ground: NeutralGround): Promise<BackupDocument> {
  const copy = copyOf(document);
  const { safeParse, schema } = await (loading ??= ground.run(load));
  const result = safeParse(schema, copy, { abortEarly: true });
  if (!result.success) throw new InvalidBackupError(pathOf(result.issues[0]), `${result.issues[0].message}.`);
  const read = copy as unknown as BackupDocument; // the schema says so
  if (read.checksum !== checksumOf(read))
    throw new InvalidBackupError(
      'checksum',
      'does not belong to the rest: the document was changed or cut after it was written. Restore it as it was, and change options by reconfigure().',
    );
  return read;
}

function copyOf(document: unknown): Json {
  try {
    return plainCopy(document);
  } catch (error) {
    if (!(error instanceof NotPlainError)) throw error;
    throw new InvalidBackupError(
      error.path || 'document',
      `${error.problem}. Give what JSON.parse() returns.`,
    );
  }
}

function pathOf(issue: BaseIssue<unknown>): string {
  const keys: readonly { key: unknown }[] = issue.path ?? [];
  const text = keys.reduce(
    (path, { key }) => (typeof key === 'number' ? `${path}[${key}]` : `${path}.${String(key)}`),
    '',
  );
  return text.replace(/^\./, '') || 'document';
}
