/** A name that is a secret's, with what stands after it. */
const NAMED =
  /(?<![\w-])([\w-]*(?:passw|passphrase|passcode|pwd|secret|token|(?:api|access|account|private|shared|encryption|signing)[-_]?key|credential|authorization)[\w-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;
/** A password that is told after some words of the same sentence. */
const SAID = /(\b(?:password|passphrase|passcode)\b[^=:;,.\n]{0,60}[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;
/** Of a header; what comes after a mere word has a digit or a sign in it. */
const SCHEME = /\b(Bearer|Basic)\s+(?=\S*[\d=+/])\S+/gi;
/** The part of an address that says who asks, also where the text was cut in the middle of it. */
const IN_ADDRESS = /(:\/\/)(?:\S*@|\S*…$)/g;
/** Who asks, with the password, where no scheme stands before it. */
const BARE = /(^|[\s"'(<])[^\s:@/"'(<]*:[^\s@/]{1,200}@(?=[\w[])/g;
/** And the part that says how. */
const QUERY = /(:\/\/[^\s?]*\?)\S+/g;

/** A text without what looks like a secret in it: drivers quote addresses, with the password, in their messages. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(IN_ADDRESS, '$1***@')
    .replaceAll(QUERY, '$1***')
    .replaceAll(BARE, '$1***@')
    .replaceAll(SCHEME, '$1 ***')
    .replaceAll(NAMED, '$1***')
    .replaceAll(SAID, '$1***');
}
