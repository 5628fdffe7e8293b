// Makes the pages of the API reference from the comments in the sources. The entry points are those of the package.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application, Converter } from 'typedoc';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { name, exports } = JSON.parse(readFileSync(here('../../libs/resources/package.json'), 'utf8'));

/** What the entry points are imported as, by their folders. */
const entryPoints = new Map(
  Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, { types }]) => [/^\.\/dist\/(.+)\/index\.d\.ts$/.exec(types)[1], name + path.slice(1)]),
);

const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: [...entryPoints.keys()].map((folder) => here(`../../libs/resources/src/${folder}/index.ts`)),
  tsconfig: here('../../libs/resources/tsconfig.lib.json'),
  out: here('../api'),
  name: 'API reference',
  readme: 'none',
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  logLevel: 'Warn',
  entryFileName: 'index',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  parametersFormat: 'table',
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) module.name = entryPoints.get(module.name) ?? module.name;
});

const project = await app.convert();
if (project === undefined) throw new Error('The API reference could not be made');
await app.generateOutputs(project);
if (app.logger.hasErrors()) process.exitCode = 1;
