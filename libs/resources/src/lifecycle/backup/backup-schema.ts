import type { GenericSchema } from 'valibot';
import { isGroup } from '../../options/option-reader.js';
import { isDurationText } from '../../time/duration.js';
import { CACHE_KINDS, type GroupKind, type OptionKind, POOL_KINDS } from '../history/option-kinds.js';
import { BACKUP_SCHEMA } from './backup-document.js';

type Valibot = typeof import('valibot');
type Entries = Record<string, GenericSchema>;

/**
 * What a document must be, made from the same list of options as what is written: there is nothing that one of them knows and the other one
 * does not.
 *
 * @param v loaded by whoever restores, because nobody else needs it
 */
export function backupSchema(v: Valibot): GenericSchema {
  const text = v.string('must be a text');
  const flag = v.boolean('must be true or false');
  const isNumber = (value: unknown): boolean =>
    value === 'Infinity' || (typeof value === 'number' && value >= 0);
  const number = v.custom(isNumber, 'must be a number of at least 0, or "Infinity"');
  const duration = v.custom(
    (value) => isNumber(value) || (typeof value === 'string' && isDurationText(value)),
    'must be milliseconds of at least 0, "Infinity", or a text such as "250ms", "30s", "5m", "1h", "1d"',
  );
  const time = v.pipe(text, v.isoTimestamp('must be a time, such as "2026-01-31T12:00:00.000Z"'));
  const list = (item: GenericSchema): GenericSchema => v.array(item, 'must be an array');
  /** An object with these members and no others. An array would be one without members. */
  const object = (entries: Entries): GenericSchema =>
    v.pipe(
      v.custom(isGroup, 'must be an object'),
      v.strictObject(entries, (issue) => (issue.expected === 'never' ? 'is not known' : 'is missing')),
    );
  const reference = object({ reference: text });

  const option = (kind: OptionKind): GenericSchema => {
    switch (kind.is) {
      case 'number':
        return orReference(number);
      case 'flag':
        return orReference(flag);
      case 'duration':
        return orReference(duration);
      case 'name':
        return orReference(v.picklist(kind.names, `must be one of ${kind.names.join(', ')}`));
      case 'group': {
        const [members, otherwise] = [options(kind), option(kind.otherwise)];
        const isOther = (value: unknown): boolean => !isGroup(value) && kind.otherwise.is !== 'foreign';
        return orReference(v.lazy((value) => (isOther(value) ? otherwise : members)));
      }
      default:
        return reference;
    }
  };
  // A value of a kind of its own, such as one that can't be read, has a reference, too.
  const orReference = (schema: GenericSchema): GenericSchema =>
    v.lazy((value) => (isGroup(value) && Object.hasOwn(value, 'reference') ? reference : schema));
  const options = ({ members }: GroupKind): GenericSchema =>
    object(
      Object.fromEntries(Object.entries(members).map(([name, kind]) => [name, v.optional(option(kind))])),
    );

  const start = object({
    dependsOn: v.optional(list(text)),
    optional: v.optional(flag),
    startTimeout: v.optional(number),
  });
  const version = v.pipe(
    v.number('must be a whole number of at least 1'),
    v.safeInteger('must be a whole number of at least 1'),
    v.minValue(1, 'must be a whole number of at least 1'),
  );
  return object({
    schema: v.literal(BACKUP_SCHEMA, `must be "${BACKUP_SCHEMA}": documents of another form can't be read`),
    takenAt: time,
    resources: list(
      object({
        type: text,
        origin: text,
        version,
        factory: reference,
        start,
        options: options(POOL_KINDS),
      }),
    ),
    cachedResources: list(object({ type: text, factory: reference, start, options: options(CACHE_KINDS) })),
    cache: object({
      options: options(CACHE_KINDS),
      values: v.optional(
        list(object({ key: text, value: v.unknown(), tags: list(text), expiresAt: v.nullable(time) })),
      ),
      omitted: v.optional(list(object({ key: text, reason: text }))),
    }),
    checksum: v.pipe(text, v.regex(/^sha256:[0-9a-f]{64}$/, 'must be "sha256:" and 64 hexadecimal digits')),
  });
}
