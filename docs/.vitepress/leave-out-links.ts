import { posix } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/**
 * Shows links out of the documentation, such as to a file of the tests, as plain text: the repository host has the file, the
 * site does not. Whether the file is there, the tests look.
 */
export function leaveOutLinks(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('leave-out-links', ({ tokens, env }) => {
    const { relativePath } = env as { relativePath: string };
    for (const { children } of tokens) {
      let leftOut = false;
      for (const token of children ?? []) {
        if (token.type === 'link_open') leftOut = leadsOut(relativePath, token.attrGet('href') ?? '');
        if (leftOut && (token.type === 'link_open' || token.type === 'link_close')) {
          token.type = 'text'; // without content
        }
      }
    }
  });
}

/** Whether a link leads out of the documentation. @param page from the documentation's folder */
export function leadsOut(page: string, target: string): boolean {
  if (/^[a-z]+:/.test(target) || target.startsWith('/')) return false;
  return posix.join(posix.dirname(page), target).startsWith('../');
}
