import type { DynamicModule, Provider } from '@nestjs/common';

/** One way in which the application comes to its sessions: what it imports for it, and the provider of its loans. */
export type Contender = (url: string) => { imports: DynamicModule[]; loans: Provider };
