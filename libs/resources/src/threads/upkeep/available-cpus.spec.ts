import { availableParallelism } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { availableCpus } from './available-cpus.js';

/** A system that has these files. */
const reading =
  (files: Readonly<Record<string, string>>) =>
  (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: ${path}`);
    return text;
  };

describe('the CPUs that the process may use', () => {
  it('are those of the machine where nothing is said of a quota', () => {
    expect(availableCpus(reading({}), 8)).toBe(8);
  });

  it.each([
    ['200000 100000\n', 2],
    ['150000 100000\n', 1],
    ['50000 100000\n', 1],
    ['max 100000\n', 8],
    ['1600000 100000\n', 8],
    ['nonsense\n', 8],
    ['', 8],
  ])('are as many as a container is given by cgroup 2: %j makes %d', (quota, cpus) => {
    expect(availableCpus(reading({ '/sys/fs/cgroup/cpu.max': quota }), 8)).toBe(cpus);
  });

  it("are as many as the process's own group is given", () => {
    const files = {
      '/proc/self/cgroup': '0::/system.slice/orders.service\n',
      '/sys/fs/cgroup/system.slice/orders.service/cpu.max': '300000 100000\n',
      '/sys/fs/cgroup/cpu.max': 'max 100000\n',
    };
    expect(availableCpus(reading(files), 8)).toBe(3);
  });

  it.each([
    ['400000', 4],
    ['-1', 8],
  ])('are as many as a container is given by cgroup 1: %s makes %d', (quota, cpus) => {
    const files = {
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': `${quota}\n`,
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    };
    expect(availableCpus(reading(files), 8)).toBe(cpus);
  });

  it('are at least one, and here no more than the machine has', () => {
    expect(availableCpus()).toBeGreaterThanOrEqual(1);
    expect(availableCpus()).toBeLessThanOrEqual(availableParallelism());
  });
});
