import { FLOORS, FROM_OUTSIDE } from './libs/resources/floors.js';

const SOURCE = '^libs/resources/src/';
const TESTS = '[.](spec|fixture)[.]ts$';
const floorOf = (room) => FLOORS.findIndex((floor) => floor.includes(room));
const of = (rooms) => `${SOURCE}(${rooms.join('|')})/`;
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const rooms = FLOORS.flat();
const [[ground]] = FLOORS;

/** One thing each, in more than one file: there, and nowhere else, a type may point back. Each of them says why. */
const ONE_THING = [
  ['pool/leases/lease', 'pool/slots/slot'],
  ['policies/eviction/eviction-node', 'policies/eviction/node-list'],
  ['cache/live/live-resource', 'cache/live/held', 'cache/live/cache-lease'],
].map((files) => `${SOURCE}(${files.join('|')})[.]ts$`);

const circle = (name, from, to) =>
  rule(name, 'A file takes an interface of its own rather than the type of one that imports it back.', from, {
    circular: true,
    ...to,
  });

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...rooms.map((room) => {
      const others = FLOORS.slice(floorOf(room))
        .flat()
        .filter((other) => other !== room);
      return rule(
        `floor-of-${room}`,
        `${room}/ imports only rooms below it. Move the code down, or turn the dependency round.`,
        { path: of([room]), pathNot: TESTS },
        { path: others.length === 0 ? '^$' : of(others) },
      );
    }),
    rule(
      'ground',
      `${ground}/ is the ground: it decides, and imports nothing. Take what it needs as an argument.`,
      { path: of([ground]), pathNot: TESTS },
      { pathNot: of([ground]) },
    ),
    rule(
      'room-without-a-floor',
      'This room is not in the list of libs/resources/floors.js.',
      { path: SOURCE, pathNot: of(rooms) },
      {},
    ),
    ...FROM_OUTSIDE.map(({ name, matches, lowest, remedy }) =>
      rule(
        `outside-${lowest}-${name.replaceAll(/\W/g, '-')}`.toLowerCase(),
        `${name} comes in at ${lowest}/, and not below it. ${remedy}`,
        { path: of(FLOORS.slice(1, floorOf(lowest)).flat()), pathNot: TESTS },
        { path: matches },
      ),
    ),
    rule(
      'kind-of-work',
      'Only nest/contexts/ knows one kind of work from another. Ask for what WorkContext or HandledScope says of any.',
      { path: SOURCE, pathNot: `${TESTS}|^libs/resources/src/nest/contexts/` },
      { path: '^libs/resources/src/nest/contexts/[^/]+/' },
    ),
    rule(
      'not-itself',
      'Inside the library, import the file itself, not the package.',
      { path: SOURCE, pathNot: TESTS },
      { path: '(^|node_modules/)nestjs-resources(/|$)|^libs/resources/dist/' },
    ),
    rule(
      'no-circle',
      'Files that need each other are one, or have a third between them.',
      { path: SOURCE },
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    circle('no-circle-of-types', { path: SOURCE, pathNot: [TESTS, ...ONE_THING] }),
    ...ONE_THING.map((files, index) =>
      circle(`no-circle-around-${index}`, { path: files }, { via: { pathNot: files } }),
    ),
    rule(
      'a-user-of-the-library',
      "The application is a user of the library: import 'nestjs-resources' or one of its entry points.",
      { path: '^src/' },
      { path: '^libs/resources/src/|nestjs-resources/(dist|src)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules|^libs/resources/dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['import'], exportsFields: ['exports'] },
  },
};
