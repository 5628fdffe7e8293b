import type { MarkdownRenderer } from 'vitepress';

/** Gives blocks of Mermaid to the theme's component, which draws them, instead of showing their source. */
export function drawDiagrams(markdown: MarkdownRenderer): void {
  const { rules } = markdown.renderer;
  const { fence } = rules;
  rules.fence = (tokens, index, ...rest) => {
    const { info, content } = tokens[index];
    if (info.trim() === 'mermaid') return `<MermaidDiagram source="${encodeURIComponent(content)}" />\n`;
    return fence?.(tokens, index, ...rest) ?? '';
  };
}
