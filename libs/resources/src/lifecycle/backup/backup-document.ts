import { createHash } from 'node:crypto';
import type { OptionValue } from '../../reports/change-info.js';
import type { Json } from './plain-copy.js';

/** The form that documents of this version have. */
export const BACKUP_SCHEMA = 'nestjs-resources/backup@1';

/** What stands in a document for a factory, a function or any other value that is not known to be harmless: a name of it. */
export interface BackupReference {
  /** `code:pg` for what the code gives to the type `pg`, `run:pg@3` for what its version 3 has been given at run time. */
  reference: string;
}

/** Options as data, groups in groups. */
export interface BackupOptionsData {
  [option: string]: OptionValue | BackupReference | BackupOptionsData;
}

/** How a type starts, where that differs from the defaults. */
export interface BackupStart {
  /** Types that it needs. */
  dependsOn?: string[];
  optional?: boolean;
  /** Milliseconds. */
  startTimeout?: number;
}

/** A pooled type. */
export interface BackupType {
  type: string;
  /** Of what its references tell, where they are not the code's. */
  origin: string;
  /** The number of the configuration that was in force. */
  version: number;
  factory: BackupReference;
  start: BackupStart;
  /** Those that differ from the defaults; with `keyed` for a keyed type. */
  options: BackupOptionsData;
}

/** A cached type. */
export interface BackupCachedType {
  type: string;
  factory: BackupReference;
  start: BackupStart;
  options: BackupOptionsData;
}

/** A value of the cache. */
export interface BackupValue {
  key: string;
  value: Json;
  tags: string[];
  /** As ISO 8601 has it; `null` for a value that lives until it is deleted. */
  expiresAt: string | null;
}

/** The cache for values. */
export interface BackupCache {
  options: BackupOptionsData;
  /** Where they were asked for. */
  values?: BackupValue[];
  /** Where values were asked for: those that JSON can't hold, by key, and why. */
  omitted?: { key: string; reason: string }[];
}

/**
 * All that is data in the configurations of a coordinator's types, for `JSON.stringify`. It holds no secret: of what is not known to be a
 * number, a flag, a duration or one of the names that an option knows, it holds a reference.
 */
export interface BackupDocument {
  schema: typeof BACKUP_SCHEMA;
  /** As ISO 8601 has it. */
  takenAt: string;
  resources: BackupType[];
  cachedResources: BackupCachedType[];
  cache: BackupCache;
  /** SHA-256 over all of it. It shows damage; it is no signature. */
  checksum: string;
}

/** @returns the document, complete */
export function seal(document: Omit<BackupDocument, 'checksum'>): BackupDocument {
  return { ...document, checksum: checksumOf(document) };
}

/** The checksum that belongs to a document, whatever stands in it as such. The order of members does not count. */
export function checksumOf(document: object): string {
  const { checksum: _, ...rest } = document as Partial<BackupDocument>;
  return `sha256:${createHash('sha256').update(JSON.stringify(rest, sorted)).digest('hex')}`;
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
