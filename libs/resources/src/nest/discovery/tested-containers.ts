import type { NestContainer } from '@nestjs/core';

const tested = new WeakSet<NestContainer>();

/** Remembers that an application is made by `@nestjs/testing`. */
export function markTested(container: NestContainer): void {
  tested.add(container);
}

/** Whether an application is a test's: what it does for good, such as to end at a signal, need not be right. */
export function isTested(container: NestContainer): boolean {
  return tested.has(container);
}
