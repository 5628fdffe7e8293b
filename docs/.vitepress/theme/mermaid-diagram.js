import script from '@mermaid-js/tiny/dist/mermaid.tiny.js?url';
import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref, useId, watch } from 'vue';

let loading;

/** Mermaid comes as a classic script, once, from the site itself, and only to who reads a page with a diagram. */
function load() {
  loading ??= new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement('script'), { src: script });
    element.addEventListener('load', () => resolve(globalThis.mermaid));
    element.addEventListener('error', () => reject(new Error(`${script} did not load`)));
    document.head.append(element);
  });
  return loading;
}

/** A diagram, in the colours of the site. Until it is drawn, and to who runs no scripts, it is its text. */
export const MermaidDiagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const text = decodeURIComponent(props.source);
    const id = `diagram-${useId()}`;
    const svg = ref('');

    const draw = async () => {
      const mermaid = await load();
      // Labels of HTML would be cut off, because the site's paragraphs are higher than those that Mermaid measures.
      const theme = isDark.value ? 'dark' : 'default';
      mermaid.initialize({ startOnLoad: false, htmlLabels: false, theme });
      svg.value = (await mermaid.render(id, text)).svg;
    };
    onMounted(() => watch(isDark, draw, { immediate: true }));
    return () => (svg.value === '' ? h('pre', text) : h('div', { innerHTML: svg.value }));
  },
});
