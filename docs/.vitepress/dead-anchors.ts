import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';

/** The pages of a built site by their paths, such as `/guide/scopes.html`. */
export function pagesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => name.endsWith('.html'))
      .map((name) => [`/${name.replaceAll(sep, '/')}`, readFileSync(join(folder, name), 'utf8')]),
  );
}

/**
 * Links to a place in a page that has no such place. VitePress looks for the pages of links, but not for their anchors.
 *
 * @param pages HTML by path
 * @returns each as `page: target`
 */
export function deadAnchors(pages: ReadonlyMap<string, string>): string[] {
  const dead = new Set<string>();
  const places = new Map<string, Set<string>>();
  for (const [path, html] of pages) {
    places.set(path, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)));
  }
  for (const [path, html] of pages) {
    for (const [, page, anchor] of html.matchAll(/ href="([^"#:]*)#([^"]+)"/g)) {
      const target = page === '' ? path : posix.resolve(posix.dirname(path), page);
      const known = places.get(page.endsWith('/') ? posix.join(target, 'index.html') : target);
      if (known?.has(decodeURIComponent(anchor)) !== true) dead.add(`${path}: ${page}#${anchor}`);
    }
  }
  return [...dead];
}
