import { Injectable } from '@nestjs/common';
import { ResourceCoordinator } from 'nestjs-resources';
import type { Client } from 'pg';
import { TENANT_ROLE } from '../database/pg-sessions.js';

/** Creates the notes, of which tenants see only their own, and the role of their transactions: a superuser would see all. */
@Injectable()
export class NotesSchema {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  async create(): Promise<void> {
    await this.coordinator.use<Client>('pg', async (client) => {
      await client.query(`
        CREATE TABLE IF NOT EXISTS notes (
          id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          tenant text NOT NULL DEFAULT nullif(current_setting('app.tenant', true), ''),
          text text NOT NULL
        );
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        ALTER TABLE notes FORCE ROW LEVEL SECURITY;
        DROP POLICY IF EXISTS own_notes ON notes;
        CREATE POLICY own_notes ON notes USING (tenant = nullif(current_setting('app.tenant', true), ''))`);
      await client.query(`
        DO $$ BEGIN
          CREATE ROLE ${TENANT_ROLE};
        EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN
          NULL; -- it exists, or somebody with the privilege has to create it
        END $$`);
      await client.query(`
        DO $$ BEGIN
          GRANT ${TENANT_ROLE} TO CURRENT_USER;
          GRANT SELECT, INSERT ON notes, orders TO ${TENANT_ROLE};
        EXCEPTION WHEN undefined_object OR insufficient_privilege THEN
          RAISE WARNING 'tenants have no role: %', SQLERRM;
        END $$`);
    });
  }
}
