import type { Client } from 'pg';
import { type Loan, LoanHooks } from '../../hooks/loan-hooks.js';
import type { PgSession } from '../session/pg-session.js';

/** Tells sessions of their loans. */
export class LoanWatch extends LoanHooks<Client> {
  began(client: Client, loan: Loan): void {
    (client as PgSession).loan.began(loan); // they are what create has made
  }

  ended(client: Client): void {
    (client as PgSession).loan.ended();
  }
}
