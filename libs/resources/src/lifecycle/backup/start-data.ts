import { InvalidBackupError } from '../../errors/invalid-backup-error.js';
import type { StartSettings } from '../type-life.js';
import type { BackupStart } from './backup-document.js';

/** How a type starts, as a document has it. */
export function startDataOf({ dependsOn, optional, startTimeout }: StartSettings): BackupStart {
  return {
    ...(dependsOn.length > 0 && { dependsOn: [...dependsOn] }),
    ...(optional && { optional }),
    ...(startTimeout !== Infinity && { startTimeout }),
  };
}

/** @param at where it stands in the document @throws InvalidBackupError unless the document says how the type starts here */
export function checkStart(start: BackupStart, settings: StartSettings, at: string, type: string): void {
  const here = startDataOf(settings);
  for (const name of ['dependsOn', 'optional', 'startTimeout'] as const) {
    const [said, is] = [start[name], here[name]].map((value) => JSON.stringify(value) ?? 'not given');
    if (said !== is)
      throw new InvalidBackupError(
        `${at}.start.${name}`,
        `is ${said} in the backup and ${is} here, and how a type starts can't be changed while it runs. Change it in the code.`,
        type,
      );
  }
}
