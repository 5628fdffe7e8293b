/** A name that is a secret's, with what stands after it. */
const NAMED =
  /(?<![\w-])([\w-]*(?:passw|passphrase|pwd|secret|token|api[-_]?key|credential|authorization)[\w-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;
/** Of a header; what comes after a mere word has a digit or a sign in it. */
const SCHEME = /\b(Bearer|Basic)\s+(?=\S*[\d=+/])\S+/gi;
/** The part of an address that says who asks. */
const IN_ADDRESS = /(:\/\/)\S*@/g;
/** And the part that says how. */
const QUERY = /(:\/\/[^\s?]*\?)\S+/g;

/** A text without what looks like a secret in it: drivers quote addresses, with the password, in their messages. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(IN_ADDRESS, '$1***@')
    .replaceAll(QUERY, '$1***')
    .replaceAll(SCHEME, '$1 ***')
    .replaceAll(NAMED, '$1***');
}
