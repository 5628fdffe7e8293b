import { constants } from 'node:os';
import { Injectable } from '@nestjs/common';
import { ModuleRef, NestApplicationContext, type NestContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { containerOf } from '../container-of.js';
import { ResourcesLog } from '../log/resources-log.js';
import { replaceMethod } from '../replace-method.js';

type Listen = (this: { readonly container?: NestContainer }, ...args: unknown[]) => void;

/**
 * Milliseconds in which a signal is the echo of the one before: npm passes on a Ctrl-C that the terminal has sent to everybody, and takes
 * less than ten for it. Longer would lose the second of two wishes, which a busy event loop hears with less between them.
 */
const ECHO = 100;

/** The applications with this module, by their containers. */
const applications = new WeakMap<NestContainer, ShutdownSignals>();
/** Nest's listeners, of whatever application: each ends its own, and no other. */
const ofNest = new WeakSet<object>();
/** Those that a signal is ending. */
const ending = new Set<ShutdownSignals>();

/**
 * Counts the signals that an application gets once `enableShutdownHooks()` was called. The first begins a shutdown, as Nest has
 * it; a second one hastens it, and a third ends the process. Nest itself swallows both.
 */
@Injectable()
export class ShutdownSignals {
  /** Whether `enableShutdownHooks()` was called. */
  enabled = false;
  private count = 0;
  private last = 0;
  /** Signals that another application of this process sends when it has ended. */
  private readonly expected = new Set<NodeJS.Signals>();

  constructor(
    moduleRef: ModuleRef,
    private readonly coordinator: ResourceCoordinator,
    private readonly log: ResourcesLog,
  ) {
    listenWithNest();
    applications.set(containerOf(moduleRef), this);
  }

  /** A signal came. @returns whether it is the first */
  heard(signal: NodeJS.Signals): boolean {
    if (this.expected.delete(signal)) return false;
    const now = this.coordinator.clock.now();
    if (this.count > 0 && now - this.last < ECHO) return false;
    this.last = now;
    this.count++;
    if (this.count === 2) {
      this.log.write('warn', `A second signal, ${signal}: the shutdown waits no longer for work in progress`);
      this.coordinator.hasten();
    } else if (this.count === 3) {
      this.log.write('error', `A third signal, ${signal}: the process exits, and destroys nothing more`);
      process.exit(128 + constants.signals[signal]);
    }
    return this.count === 1;
  }

  /** Stands before Nest's listener for a signal. Whoever takes that one away takes this away: Node knows it by its property. */
  standBefore(signal: NodeJS.Signals, listener: NodeJS.SignalsListener): void {
    const counting: NodeJS.SignalsListener = (...args) => {
      const isFirst = this.heard(signal);
      const over: unknown = listener(...args); // a promise of Nest's
      if (isFirst) void this.end(signal, over);
    };
    process.off(signal, listener);
    process.on(signal, Object.assign(counting, { listener }));
  }

  /** An application that has ended sends the signal again, to end the process; others of the process go on, and hear it, too. */
  private async end(signal: NodeJS.Signals, over: unknown): Promise<void> {
    ending.add(this);
    await over;
    ending.delete(this);
    for (const other of ending) other.expected.add(signal);
  }
}

/** Nest has no public place that tells of its listeners: a method is replaced, once per process, by one that does the same. */
function listenWithNest(): void {
  replaceMethod<Listen>(NestApplicationContext.prototype, 'listenToShutdownSignals', (listen) => {
    return function (signals, ...options) {
      const names = signals as NodeJS.Signals[]; // Nest's own
      const before = names.map((name) => process.listeners(name));
      listen.call(this, signals, ...options);
      const application = this.container === undefined ? undefined : applications.get(this.container);
      if (application !== undefined) application.enabled = true;
      for (const [index, name] of names.entries())
        for (const listener of process.listeners(name)) {
          if (before[index].includes(listener)) continue;
          ofNest.add(listener);
          application?.standBefore(name, listener);
        }
    };
  });
}

/** Whether somebody of the process listens who is no application of Nest, and so may end any of them. */
export function othersListen(signal: NodeJS.Signals): boolean {
  return process.listeners(signal).some((listener) => !ofNest.has(listener));
}
