import 'reflect-metadata';
import { Controller, type DynamicModule, Get, Module } from '@nestjs/common';
import { CONTENDERS, type ContenderName } from './contenders.js';
import { Loans } from './loans.js';

@Controller()
class LoansController {
  constructor(private readonly loans: Loans) {}

  @Get()
  async answer(): Promise<object> {
    await this.loans.inRequest();
    return { id: 1 };
  }
}

@Module({})
class LoansModule {}

/** The same application for all: but for where its sessions come from. */
export function applicationOf(contender: ContenderName, url: string): DynamicModule {
  const { imports, loans } = CONTENDERS[contender](url);
  return { module: LoansModule, imports, controllers: [LoansController], providers: [loans] };
}
