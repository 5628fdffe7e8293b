/** What is tried on every version: what the library itself touches. */
export const SHORT_FORM = ['parameters', 'classes', 'metadata', 'lending'] as const;

/** Nest's own features by their folders in `features/`. */
const NESTS_OWN = {
  pipeline: ['pipeline', 'answers', 'exceptions', 'validation', 'bodies', 'scopes', 'durable-scopes'],
  routes: ['versioning', 'prefixes', 'cors', 'files', 'streams', 'sse', 'middleware', 'adapter-routes'],
  transports: ['hybrid-tcp', 'hybrid-grpc', 'gateway-ws', 'gateway-socket-io', 'graphql'],
  modules: ['lazy-modules', 'discovery', 'repl'],
  lifecycle: ['hooks', 'shutdown', 'signals'],
  applications: ['swagger', 'testing', 'standalone', 'two-applications'],
};

/** Nest's own features, tried on a few versions. */
export const FEATURES: readonly string[] = Object.values(NESTS_OWN).flat();

const FILES = new Map(
  Object.entries({ 'short-form': SHORT_FORM, ...NESTS_OWN }).flatMap(([folder, names]) =>
    names.map((name): [string, string] => [name, `features/${folder}/${name}`]),
  ),
);

/** The file of a feature, from here and without its ending. */
export function fileOf(feature: string): string {
  const file = FILES.get(feature);
  if (file === undefined) throw new Error(`There is no feature "${feature}".`);
  return file;
}

export const ADAPTERS = ['express', 'fastify'] as const;
export type AdapterName = (typeof ADAPTERS)[number];
