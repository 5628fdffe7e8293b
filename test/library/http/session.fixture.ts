import type { ResourceDefinition } from 'nestjs-resources';

/** A resource that remembers who uses it, and that it was destroyed. */
export class Session {
  destroyed = false;
  constructor(readonly id: number) {}
}

/** Sessions that are counted, lent through the type `session`. */
export class SessionFactory {
  readonly created: Session[] = [];
  failing: Error | undefined;

  get alive(): number {
    return this.created.filter(({ destroyed }) => !destroyed).length;
  }

  /** @param pool as in `ResourcesModule.forRoot()` */
  definition(pool: ResourceDefinition['pool'] = {}): ResourceDefinition<Session> {
    return {
      create: () => {
        if (this.failing !== undefined) throw this.failing;
        const session = new Session(this.created.length + 1);
        this.created.push(session);
        return session;
      },
      destroy: (session) => {
        session.destroyed = true;
      },
      pool,
    };
  }
}
