import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { transactionalMethodsOf } from '../decorators/transactional.decorator.js';
import { classOf } from '../discovery/class-of.js';
import { declaredClasses } from '../discovery/declared-classes.js';
import { beginHome, giveHome } from './homes.js';
import { transactionalType } from './transactional-type.js';

/** Finds this application's instances with transactional methods, and records that they belong to it. */
@Injectable()
export class TransactionalMethodsExplorer {
  private readonly undo: (() => void)[] = [];

  constructor(
    private readonly modules: ModulesContainer,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  /** @throws InvalidOptionsError for a method whose type has no transactions */
  adopt(): void {
    for (const owner of declaredClasses(this.modules)) this.check(owner);
    this.undo.push(beginHome(this.coordinator));
    for (const module of this.modules.values())
      for (const members of [module.providers, module.controllers, module.injectables])
        for (const { instance } of members.values()) this.adoptOne(instance);
  }

  /** The application has ended: an instance may be provided to another one later. */
  leave(): void {
    for (const undo of this.undo.splice(0)) undo();
  }

  /** @param instance any value, as Nest allows that; for what is made per request, a prototype that nobody uses */
  private adoptOne(instance: unknown): void {
    if (typeof instance !== 'object' || instance === null) return;
    const owner = classOf(instance);
    if (owner === undefined || transactionalMethodsOf(owner).length === 0) return;
    this.check(owner);
    this.undo.push(giveHome(instance, this.coordinator));
  }

  private check(owner: object): void {
    for (const { type, place } of transactionalMethodsOf(owner))
      transactionalType(this.coordinator, type, place);
  }
}
