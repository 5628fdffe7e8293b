import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { deadAnchors } from '../../docs/.vitepress/dead-anchors.js';
import { drawDiagrams } from '../../docs/.vitepress/draw-diagrams.js';
import { leadsOut } from '../../docs/.vitepress/leave-out-links.js';
import { sidebarOf } from '../../docs/.vitepress/sidebar.js';
import { MarkdownDocument, PROJECT } from './document.fixture.js';
import { PAGES } from './pages.fixture.js';

describe('the sidebar', () => {
  const sidebar = sidebarOf(readFileSync(join(PROJECT, 'docs/index.md'), 'utf8'));
  const pages = sidebar.flatMap(({ items = [] }) => items);

  it('has every page once, and leads nowhere else', () => {
    const listed = pages.map(({ link = '' }) => `docs${link.replace(/\/$/, '/index')}.md`);
    expect(listed.toSorted()).toEqual(PAGES.filter((path) => path !== 'docs/index.md').toSorted());
  });

  it('names each page as its heading does', () => {
    for (const { text, link = '' } of pages) {
      const path = `docs${link.replace(/\/$/, '/index')}.md`;
      expect([path, text]).toEqual([path, new MarkdownDocument(path).headings[0]]);
    }
  });

  it('has a group for each folder', () => {
    for (const { items = [] } of sidebar) expect(items).not.toEqual([]);
  });
});

describe('a link to an anchor', () => {
  const pages = new Map([
    ['/guide/a.html', '<h2 id="one">One</h2><a href="#one">1</a><a href="./../b/#two">2</a>'],
    ['/b/index.html', '<h2 id="two">Two</h2><a href="/guide/a.html#one">1</a>'],
  ]);

  it('is right when the page has it', () => {
    expect(deadAnchors(pages)).toEqual([]);
  });

  it('is dead when the page has none, or is not there', () => {
    const wrong = '<a href="#three">3</a><a href="./c.html#one">1</a><a href="./../b/#one">1</a>';
    expect(deadAnchors(new Map([...pages, ['/guide/d.html', wrong]]))).toEqual([
      '/guide/d.html: #three',
      '/guide/d.html: ./c.html#one',
      '/guide/d.html: ./../b/#one',
    ]);
  });
});

describe('a block of code', () => {
  const fence = (tokens: { content: string }[], index: number): string =>
    `<pre>${tokens[index].content}</pre>`;
  const markdown = { renderer: { rules: { fence } } };
  drawDiagrams(markdown as unknown as Parameters<typeof drawDiagrams>[0]);
  const shown = (info: string, content: string): string =>
    markdown.renderer.rules.fence([{ info, content } as { content: string }], 0);

  it('is drawn when it is a diagram', () => {
    expect(shown('mermaid', 'a["<b>"] --> c')).toBe(
      '<MermaidDiagram source="a%5B%22%3Cb%3E%22%5D%20--%3E%20c" />\n',
    );
  });

  it('is shown when it is none', () => {
    expect(shown('ts', 'const a = 1;')).toBe('<pre>const a = 1;</pre>');
  });
});

describe('a link out of the documentation', () => {
  it.each(['../../src/main.ts', '../../README.md#health', '../../test/mutation'])('is %s', (target) => {
    expect(leadsOut('guide/shutdown.md', target)).toBe(true);
  });

  it.each(['../index.md', 'health.md#health', '#health', '/api/', 'https://nodejs.org', 'mailto:a@b.c'])(
    'is not %s',
    (target) => {
      expect(leadsOut('guide/shutdown.md', target)).toBe(false);
    },
  );
});
