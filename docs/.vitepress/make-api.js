// Makes the pages of the API reference from the comments in the sources. The entry points are those of the package.
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Converter } from 'typedoc';
import { ENTRY_POINTS } from '../../libs/resources/entry-points.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const sources = [...ENTRY_POINTS].map(([name, source]) => ({ name, path: fileURLToPath(source) }));
/** What the entry points are imported as, by their folders. */
const names = new Map(sources.map(({ name, path }) => [basename(dirname(path)), name]));

const app = await Application.bootstrapWithPlugins({
  plugin: ['typedoc-plugin-markdown'],
  entryPoints: sources.map(({ path }) => path),
  tsconfig: here('../../libs/resources/tsconfig.lib.json'),
  out: here('../api'),
  name: 'API reference',
  readme: 'none',
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  // A link to what is not exported leads nowhere. What else is not exported may stay so.
  validation: { invalidLink: true, notExported: false, notDocumented: false },
  logLevel: 'Warn',
  entryFileName: 'index',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  parametersFormat: 'table',
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) module.name = names.get(module.name) ?? module.name;
});

const project = await app.convert();
if (project === undefined) throw new Error('The API reference could not be made');
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1;
