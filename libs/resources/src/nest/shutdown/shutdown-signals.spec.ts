import { ModuleRef } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourcesLog } from '../log/resources-log.js';
import { ShutdownSignals } from './shutdown-signals.js';

const MODULE_REF = { container: {} } as unknown as ModuleRef; // all that is asked of it

describe('the signals of an application', () => {
  let clock: VirtualClock;
  let coordinator: ResourceCoordinator;
  let signals: ShutdownSignals;
  let exit: jest.SpiedFunction<typeof process.exit>;
  const lines: string[] = [];

  beforeEach(() => {
    clock = new VirtualClock();
    coordinator = new ResourceCoordinator({ clock });
    signals = new ShutdownSignals(MODULE_REF, coordinator, new ResourcesLog({}));
    exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never); // it returns, which it never does
    lines.length = 0;
    for (const level of ['warn', 'error'] as const)
      jest
        .spyOn(Logger.prototype, level)
        .mockImplementation((line: unknown) => void lines.push(String(line)));
  });

  afterEach(() => void jest.restoreAllMocks());

  it('hasten the shutdown with the second, and exit with the third', async () => {
    expect(signals.heard('SIGTERM')).toBe(true);
    expect(coordinator.shutdown.haste.made).toBe(false);
    await clock.advance(100);
    expect(signals.heard('SIGTERM')).toBe(false);
    expect(coordinator.shutdown.haste.made).toBe(true);
    expect(exit).not.toHaveBeenCalled();
    await clock.advance(100);
    expect(signals.heard('SIGTERM')).toBe(false);
    expect(exit.mock.calls).toEqual([[143]]);
    expect(lines).toEqual([
      'A second signal, SIGTERM: the shutdown waits no longer for work in progress',
      'A third signal, SIGTERM: the process exits, and destroys nothing more',
    ]);
  });

  it('count together, whichever they are, and the last says how the process exits', async () => {
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
      signals.heard(signal);
      await clock.advance(1_000);
    }
    expect(exit.mock.calls).toEqual([[130]]);
  });

  it('have echoes, which count for nothing', async () => {
    signals.heard('SIGINT');
    signals.heard('SIGINT');
    await clock.advance(99);
    signals.heard('SIGTERM');
    expect(coordinator.shutdown.haste.made).toBe(false);
    await clock.advance(1);
    signals.heard('SIGINT');
    await clock.advance(99);
    signals.heard('SIGINT');
    expect(coordinator.shutdown.haste.made).toBe(true);
    expect(exit).not.toHaveBeenCalled();
  });
});
