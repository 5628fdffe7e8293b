import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const SCHEMA = `
  generator client {
    provider               = "prisma-client"
    output                 = "./client"
    generatedFileExtension = "ts"
    importFileExtension    = "js"
  }
  datasource db {
    provider = "postgresql"
  }
  model Written {
    id     Int    @id @default(autoincrement())
    client String
    value  Int
    @@map("written")
  }
`;

const PACKAGES = fileURLToPath(new URL('../../../../../node_modules/', import.meta.url));

/** A generated client of Prisma, in a folder of its own. */
export class GeneratedClient {
  private constructor(private readonly folder: string) {}

  static async make(): Promise<GeneratedClient> {
    const folder = await mkdtemp(join(tmpdir(), 'prisma-'));
    const schema = join(folder, 'schema.prisma');
    await writeFile(schema, SCHEMA);
    await symlink(PACKAGES, join(folder, 'node_modules'));
    const arguments_ = [
      join(PACKAGES, 'prisma/build/index.js'),
      'generate',
      '--no-hints',
      '--schema',
      schema,
    ];
    // It would download an engine that it does not use.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
    await promisify(execFile)(process.execPath, arguments_, { cwd: folder, env });
    return new GeneratedClient(folder);
  }

  async load<Module>(): Promise<Module> {
    return (await import(join(this.folder, 'client/client.ts'))) as Module;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
