/** Where the sessions go: known only once a server runs. */
export class DatabaseUrl {
  constructor(readonly value: string) {}

  withPassword(password: string): DatabaseUrl {
    return new DatabaseUrl(Object.assign(new URL(this.value), { password }).href);
  }

  /** For messages. */
  get withoutPassword(): string {
    return this.value.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
  }
}
