import { SqlTokens } from './sql-tokens.js';

/** How long a text may be, in characters, to be looked at: one that begins a transaction is short, but may have a comment. */
const LONGEST = 1_024;

const MAY_BEGIN = /begin|start/i;

/** Whether a text is a single statement that begins a transaction. */
export function beginsTransaction(text: string): boolean {
  if (text.length > LONGEST || !MAY_BEGIN.test(text)) return false;
  const tokens = new SqlTokens(text);
  if (!tokens.next() || tokens.kind !== 'word') return false;
  const { value } = tokens;
  return (value === 'begin' || value === 'start') && isOneStatement(tokens);
}

function isOneStatement(tokens: SqlTokens): boolean {
  let isOver = false;
  while (tokens.next()) {
    const { kind, value } = tokens;
    const ends = kind === 'sign' && value === ';';
    if (kind === 'unclear' || (isOver && !ends)) return false;
    isOver = ends;
  }
  return true;
}
