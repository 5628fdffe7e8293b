/** What a `curl` command line of the documents asks for. */
export interface CurlRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
}

/**
 * Reads a `curl` command line, as far as the documents use it, so that the commands can be run where there is no curl.
 * An unknown flag is refused, because it would be run differently from what the reader runs.
 */
export function readCurl(line: string): CurlRequest {
  const [program, ...words] = wordsOf(line);
  if (program !== 'curl') throw new Error(`this is no curl command: ${line}`);
  const headers: Record<string, string> = {};
  let address: string | undefined;
  let body: string | undefined;
  let method: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-i') continue;
    if (word === '-X') method = words.shift();
    else if (word === '-H') {
      const [name, value] = (words.shift() ?? '').split(': ');
      headers[name] = value;
    } else if (word === '-d') body = words.shift();
    else if (word.startsWith('-')) throw new Error(`the test does not know curl's ${word}: ${line}`);
    else address = word;
  }
  if (address === undefined) throw new Error(`this curl command has no address: ${line}`);
  method ??= body === undefined ? 'GET' : 'POST';
  return { method, url: new URL(`http://${address}`), headers, body };
}

/** As a shell splits it: at spaces, but not within single quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
}
