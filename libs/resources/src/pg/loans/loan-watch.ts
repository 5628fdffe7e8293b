import type { Client } from 'pg';
import { type Loan, LoanHooks } from '../../hooks/loan-hooks.js';
import type { PgSession } from '../session/pg-session.js';

/** Tells each session when a loan of it begins and ends. */
export class LoanWatch extends LoanHooks<Client> {
  began(client: Client, loan: Loan): void {
    (client as PgSession).loan.began(loan); // made by `create` of pgResource
  }

  ended(client: Client): void {
    (client as PgSession).loan.ended();
  }
}
