import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { anchorOf } from './anchor.js';
import { deadAnchors, pagesIn } from './dead-anchors.js';
import { drawDiagrams } from './draw-diagrams.js';
import { leaveOutLinks } from './leave-out-links.js';
import { sidebarOf } from './sidebar.js';

const index = readFileSync(new URL('../index.md', import.meta.url), 'utf8');

export default defineConfig({
  title: 'nestjs-resources',
  description: 'Pools, leases and caches for NestJS',
  markdown: {
    anchor: { slugify: anchorOf },
    config(markdown) {
      leaveOutLinks(markdown);
      drawDiagrams(markdown);
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/guide/getting-started' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: [...sidebarOf(index), { text: 'API reference', link: '/api/' }],
    outline: [2, 3],
    search: { provider: 'local' },
  },
  // Of the pages' texts, which the search looks through.
  vite: { build: { chunkSizeWarningLimit: 4_000 } },
  buildEnd({ outDir }) {
    const dead = deadAnchors(pagesIn(outDir));
    if (dead.length > 0) throw new Error(`There are links to anchors that do not exist:\n${dead.join('\n')}`);
  },
});
