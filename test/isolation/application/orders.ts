import { Injectable } from '@nestjs/common';
import { PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { tenantOf } from '../resources/definitions.js';
import type { Session } from '../resources/session.js';
import { checkContext } from '../watch/own-context.js';
import type { Unit } from '../watch/unit.js';
import { borrow, take } from './work.js';

const BY_TENANT = { key: tenantOf };

/** A singleton that serves all requests: it finds the request's own lease whenever it is asked. */
@Injectable()
export class Orders {
  @PooledResource('account', BY_TENANT) private readonly account!: ScopedLease<Session>;

  constructor(
    @PooledResource('session') private readonly session: ScopedLease<Session>,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  async list(unit: Unit): Promise<string> {
    const session = await borrow(this.session, unit);
    await session.query(unit, 'SELECT');
    await unit.pause();
    // Taken from the lease again, as it is to be.
    return await this.session.resource.query(unit, 'SELECT again');
  }

  archive(unit: Unit): Promise<string> {
    return this.session.use(async (session) => {
      take(session, unit);
      checkContext(unit, 'use()');
      await session.query(unit, 'DELETE');
      return await session.query(unit, 'VACUUM');
    });
  }

  async byLeases(unit: Unit): Promise<string> {
    const [first, second] = [
      await this.coordinator.acquire<Session>('session'),
      await this.coordinator.acquire<Session>('session'),
    ];
    take(first.resource, unit);
    await first.resource.query(unit, 'SELECT');
    await first.release();
    await first.release();
    await unit.pause();
    take(second.resource, unit); // the same, unless the request was over before: then it has no scope
    const mark = await second.resource.query(unit, 'SELECT again');
    await second.release();
    return mark;
  }

  async inTwoLoans(unit: Unit): Promise<string> {
    const first = await borrow(this.session, unit);
    await first.query(unit, 'SELECT');
    await this.session.release();
    await unit.pause();
    return await this.list(unit);
  }

  /** Between its statements others come and go. */
  async move(unit: Unit): Promise<string> {
    const session = await borrow(this.session, unit);
    await session.begin(unit);
    await unit.pause();
    await session.query(unit, 'UPDATE');
    await Promise.all([session.query(unit, 'UPDATE'), unit.pause()]);
    await session.commit(unit);
    return unit.mark;
  }

  async ofTenant(unit: Unit): Promise<string> {
    const account = await borrow(this.account, unit);
    await account.query(unit, 'SELECT');
    await unit.pause();
    return await account.query(unit, 'SELECT again');
  }

  async bill(unit: Unit): Promise<string> {
    const session = await borrow(this.session, unit);
    await session.query(unit, 'SELECT');
    await this.ofTenant(unit);
    return await session.query(unit, 'UPDATE');
  }

  /** A listener of a resource runs in the context of whoever uses it, or in none: then it is refused. */
  async export(unit: Unit, row: (account: Promise<Session>) => void): Promise<string> {
    const session = await borrow(this.session, unit);
    await session.stream(unit, 2, () => row(this.account.acquire()));
    return unit.mark;
  }

  get lease(): ScopedLease<Session> {
    return this.session;
  }
}
