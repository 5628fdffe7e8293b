import type { DefaultTheme } from 'vitepress';

/**
 * The site's sidebar, read from the list of all pages that `index.md` is: whoever reads the pages on the repository host finds
 * the same order there. Each heading of the second level is a group, each item below it a page.
 *
 * @param index the text of `index.md`
 */
export function sidebarOf(index: string): DefaultTheme.SidebarItem[] {
  const groups: { text: string; items: { text: string; link: string }[] }[] = [];
  for (const line of index.split('\n')) {
    const heading = /^## (.+)$/.exec(line)?.[1];
    if (heading !== undefined) groups.push({ text: heading, items: [] });
    const item = /^- \[(.+?)\]\((\S+)\.md\)/.exec(line);
    if (item !== null)
      groups.at(-1)?.items.push({ text: item[1], link: `/${item[2].replace(/index$/, '')}` });
  }
  return groups;
}
