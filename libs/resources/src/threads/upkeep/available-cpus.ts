import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Where Linux tells how much of the machine a container may use: cgroup 2, as the container and as the machine sees it, and cgroup 1. */
const GROUP = '/sys/fs/cgroup';

/** Reads a file of the system. @throws if there is none */
type ReadText = (path: string) => string;

/**
 * CPUs that this process may use: at least 1, and no more than a container's quota allows, whatever the machine has. Of a quota of one and a half,
 * one: more threads than that would be stopped half of the time.
 */
export function availableCpus(
  read: ReadText = (path) => readFileSync(path, 'utf8'),
  cpus = availableParallelism(),
): number {
  return Math.max(1, Math.floor(Math.min(cpus, quotaOf(read))));
}

function quotaOf(read: ReadText): number {
  const own = /^0::(\/.*)$/m.exec(textOf(read, '/proc/self/cgroup'))?.[1] ?? '/';
  const quotas = [`${GROUP}${own === '/' ? '' : own}/cpu.max`, `${GROUP}/cpu.max`].map((path) => {
    const [quota, period] = textOf(read, path).split(/\s+/);
    return shareOf(quota, period);
  });
  const old = (name: string): string => textOf(read, `${GROUP}/cpu/cpu.cfs_${name}_us`).trim();
  return Math.min(...quotas, shareOf(old('quota'), old('period')));
}

/** `max` and -1 stand for no limit. */
function shareOf(quota: string | undefined, period: string | undefined): number {
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
