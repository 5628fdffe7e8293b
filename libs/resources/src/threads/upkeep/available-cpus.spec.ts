import { spawnSync } from 'node:child_process';
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

  it('are as many as any of the groups is given that it is in', () => {
    const group = '/sys/fs/cgroup/kubepods.slice/pod 7.slice';
    const files = (limits: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
      '/proc/self/cgroup': '0::/kubepods.slice/pod 7.slice/orders.scope\n',
      '/sys/fs/cgroup/kubepods.slice/cpu.max': '600000 100000\n',
      [`${group}/cpu.max`]: 'max 100000\n',
      [`${group}/orders.scope/cpu.max`]: '700000 100000\n',
      ...limits,
    });
    expect(availableCpus(reading(files({})), 8)).toBe(6);
    expect(availableCpus(reading(files({ [`${group}/cpu.max`]: '250000 100000\n' })), 8)).toBe(2);
    expect(availableCpus(reading(files({ '/sys/fs/cgroup/cpu.max': '100000 100000\n' })), 8)).toBe(1);
  });

  const old = (folder: string, quota: string): Readonly<Record<string, string>> => ({
    [`/sys/fs/cgroup/cpu/${folder}cpu.cfs_quota_us`]: `${quota}\n`,
    [`/sys/fs/cgroup/cpu/${folder}cpu.cfs_period_us`]: '100000\n',
  });

  it.each([
    ['400000', 4],
    ['150000', 1],
    ['-1', 8],
  ])('are as many as a container is given by cgroup 1: %s makes %d', (quota, cpus) => {
    expect(availableCpus(reading(old('', quota)), 8)).toBe(cpus);
  });

  it.each(['4:cpu,cpuacct:/docker/one', '4:cpuacct,cpu:/docker/one', '4:cpu:/docker/one'])(
    'are as many as its groups are given by cgroup 1: %s',
    (line) => {
      const groups = { '/proc/self/cgroup': `9:cpuset:/other\n${line}\n0::/docker/one\n` };
      const seen = { ...groups, ...old('', '-1'), ...old('docker/', '-1'), ...old('docker/one/', '300000') };
      expect(availableCpus(reading(seen), 8)).toBe(3);
      expect(availableCpus(reading({ ...groups, ...old('', '200000') }), 8)).toBe(2); // as the container sees itself
      expect(availableCpus(reading({ ...groups, ...old('other/', '100000') }), 8)).toBe(8);
    },
  );

  it.each(['0::/../neighbour\n', 'nonsense\n', '0::\n', ''])(
    'are those of the root where it can not be seen in which group it is: %j',
    (groups) => {
      const files = { '/proc/self/cgroup': groups, '/sys/fs/cgroup/cpu.max': '200000 100000\n' };
      expect(availableCpus(reading(files), 8)).toBe(2);
    },
  );

  it.each(['100000 0\n', '0 100000\n', '-5 100000\n', '100000\n', 'Infinity 100000\n'])(
    'are not told by a quota that is none: %j',
    (quota) => {
      expect(availableCpus(reading({ '/sys/fs/cgroup/cpu.max': quota }), 8)).toBe(8);
    },
  );

  it('are at least one, and here no more than the machine has', () => {
    expect(availableCpus()).toBeGreaterThanOrEqual(1);
    expect(availableCpus()).toBeLessThanOrEqual(availableParallelism());
  });

  it('are those that the process is bound to, where it can be', () => {
    const program = "process.stdout.write(String(require('node:os').availableParallelism()))";
    const bound = spawnSync('taskset', ['-c', '0', process.execPath, '-e', program], { encoding: 'utf8' });
    expect(bound.error === undefined ? bound.stdout : '1').toBe('1');
  });
});
