/** Where the sessions go: known only once a server runs. */
export class DatabaseUrl {
  constructor(readonly value: string) {}

  /** For messages. */
  get withoutPassword(): string {
    return this.value.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:***@');
  }
}
