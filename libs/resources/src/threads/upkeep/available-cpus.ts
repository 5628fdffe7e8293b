import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Where Linux mounts what it tells of groups of processes. */
const MOUNT = '/sys/fs/cgroup';

/** Reads a file of the system. @throws if there is none */
type ReadText = (path: string) => string;

/**
 * CPUs that this process may use: at least 1, and no more than it is bound to, as by `taskset`, or than the quota of a container allows, or of any group
 * that this is in, whatever the machine has. Of a quota of one and a half, one: more threads than that would be stopped half of the time.
 */
export function availableCpus(
  read: ReadText = (path) => readFileSync(path, 'utf8'),
  cpus = availableParallelism(),
): number {
  return Math.max(1, Math.floor(Math.min(cpus, ...quotas(read))));
}

/** Of cgroup 2, and of cgroup 1, which may be there side by side. */
function quotas(read: ReadText): number[] {
  const groups = textOf(read, '/proc/self/cgroup');
  const folders = lineageOf(/^0::\/(.*)$/m.exec(groups)?.[1]).map((group) => `${MOUNT}/${group}`);
  const old = lineageOf(/^\d+:(?:[^:\n]+,)?cpu(?:,[^:\n]+)?:\/(.*)$/m.exec(groups)?.[1]).map(
    (group) => `${MOUNT}/cpu/${group}`,
  );
  return [
    ...folders.map((folder) => shareOf(...textOf(read, `${folder}cpu.max`).split(/\s+/))),
    ...old.map((folder) => {
      const [quota, period] = ['quota', 'period'].map((name) => textOf(read, `${folder}cpu.cfs_${name}_us`));
      return shareOf(quota, period);
    }),
  ];
}

/**
 * The group and all that it is in, each with its slash, up to the root, which is the container's own where it sees no others: `a/b/`, `a/`, and none.
 * A path that leads out of what can be seen tells nothing.
 */
function lineageOf(group = ''): string[] {
  const names = group.split('/').filter((name) => name !== '');
  if (names.includes('..')) return [''];
  return [...names.keys(), names.length].map((depth) =>
    names
      .slice(0, depth)
      .map((name) => `${name}/`)
      .join(''),
  );
}

/** `max` and -1 stand for no limit. */
function shareOf(quota?: string, period?: string): number {
  const share = Number(quota) / Number(period);
  return share > 0 ? share : Infinity;
}

function textOf(read: ReadText, path: string): string {
  try {
    return read(path);
  } catch {
    return ''; // no Linux, or no such version of it
  }
}
