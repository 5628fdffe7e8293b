/** Most characters of a name that a message shows. */
const LONGEST_NAME = 200;

/** Most characters of a key that a message shows. */
const LONGEST_KEY = 60;

/** Nothing but printable ASCII, as nearly every name. */
const PLAIN = /^[ -~]*$/;

/**
 * What may not reach a line of log as it is: control characters (among them those that colour, overwrite and begin a line
 * on a terminal), what turns the direction of a text or can't be seen, other ends of a line, and halves of characters.
 */
export const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/** What is unsafe anywhere, and what would end a text in quotation marks. */
const UNSAFE_IN_QUOTES = new RegExp(`["\\\\]|${UNSAFE.source}`, 'u');

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

/**
 * A name that somebody else chose (a type, a key, an owner, a tenant, a tag) for a message, an id or a line of log: on one line,
 * with everything escaped that could forge another one, and never long.
 *
 * @param value a string. Anything else is not a name, and only its kind is told
 * @param longest characters of the result, the ellipsis of a name that was cut included
 */
export function describeName(value: unknown, longest = LONGEST_NAME): string {
  return typeof value === 'string' ? escapeText(value, longest, UNSAFE) : `(${typeof value})`;
}

/** A name as {@link describeName} shows it, in quotation marks, as it would stand in the source. @param longest characters between them */
export function quoteName(value: string, longest = LONGEST_NAME): string {
  return `"${escapeText(value, longest, UNSAFE_IN_QUOTES)}"`;
}

/** A key of the cache for a message: as in the source, and never longer than a line. */
export function describeKey(key: string): string {
  return key.length <= LONGEST_KEY
    ? quoteName(key)
    : `${quoteName(key.slice(0, LONGEST_KEY))}… (${key.length} characters)`;
}

/** Several names in one line. @param most how many are named; of the rest, only the number */
export function listNames(names: readonly string[], most = 20): string {
  const shown = names.slice(0, most).map((name) => describeName(name));
  if (names.length > most) shown.push(`and ${names.length - most} more`);
  return shown.join(', ');
}

function escapeText(text: string, longest: number, unsafe: RegExp): string {
  if (text.length <= longest && PLAIN.test(text) && !(unsafe === UNSAFE_IN_QUOTES && unsafe.test(text)))
    return text;
  let shown = '';
  let cut = '';
  for (const character of text.slice(0, longest + 1)) {
    const piece = unsafe.test(character) ? escapeCharacter(character) : character;
    if (shown.length + piece.length > longest) return `${cut}…`;
    shown += piece;
    if (shown.length < longest) cut = shown;
  }
  return shown;
}

function escapeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return SHORT_ESCAPES[character] ?? (code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`);
}
