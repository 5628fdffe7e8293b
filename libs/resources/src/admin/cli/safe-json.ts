import { UNSAFE } from '../../words/describe-name.js';

const EVERY_UNSAFE = new RegExp(UNSAFE.source, 'gu');

/** JSON for people and programs alike: what would harm a terminal is escaped, which is the same JSON. */
export function safeJson(value: unknown): string {
  const escaped = (JSON.stringify(value, undefined, 2) ?? 'null')
    .split('\n')
    .map((line) =>
      line.replaceAll(EVERY_UNSAFE, (character) =>
        [...Array(character.length).keys()]
          .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
          .join(''),
      ),
    );
  return escaped.join('\n');
}
