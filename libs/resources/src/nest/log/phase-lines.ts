import { DependencyError, reasonOf } from '../../errors/dependency-error.js';
import type { LifecycleEvent } from '../../reports/phase.js';
import { quoteName } from '../../words/describe-name.js';
import { secondsOf } from './trouble-lines.js';
import { isA } from '../../words/is-a.js';

/** What is said of a type that is not ready. */
export function degradedLine({ type = '', cause, from }: LifecycleEvent): string {
  const name = `Resource type ${quoteName(type)}`;
  if (isA(cause, DependencyError)) {
    const dependency = quoteName(cause.dependency);
    return `${name} is degraded: ${reasonOf(cause)}. It lends nothing until ${dependency} is ready.`;
  }
  const before = from === 'starting' ? 'could not start, and is degraded' : 'is degraded';
  return `${name} ${before}: ${reasonOf(cause)}. It is tried again every second.`;
}

export function readyLine({ type = '', duration }: LifecycleEvent): string {
  return `Resource type ${quoteName(type)} is ready: it was degraded for ${secondsOf(duration)}.`;
}

export function failedLine({ type = '', cause }: LifecycleEvent): string {
  return `Resource type ${quoteName(type)} has failed to start: ${reasonOf(cause)}.`;
}
