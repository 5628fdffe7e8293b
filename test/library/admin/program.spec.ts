import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TemporaryDirectory } from '../../../libs/resources/src/admin/admin-socket.fixture.js';
import { OfferingProcess } from './offering-process.fixture.js';
import { PROGRAM } from './run-program.fixture.js';

const FULL = '/dev/full';
const env = { ...process.env, NODE_OPTIONS: '' };

describe('the program nestjs-resources, as a process,', () => {
  const folder = new TemporaryDirectory();
  let offering: OfferingProcess;
  const status = (): string[] => [PROGRAM, 'status', '--socket', folder.at('admin')];

  beforeAll(async () => {
    offering = await OfferingProcess.start(folder.at('admin'));
  });

  afterAll(async () => {
    await offering.close();
    folder.remove();
  });

  it('ends as always when whoever reads what it prints has hung up', async () => {
    const child = spawn(process.execPath, status(), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(stderr).toBe('');
  });

  it('and when nobody reads its messages', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'statsu'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stderr.destroy();
    child.stdout.resume();
    expect(await once(child, 'close')).toEqual([2, null]);
  });

  if (existsSync(FULL))
    it('fails when what was answered can not be written', () => {
      const { status: code, stderr } = spawnSync(process.execPath, status(), {
        env,
        stdio: ['ignore', openSync(FULL, 'w'), 'pipe'],
        encoding: 'utf8',
      });
      expect([code, stderr]).toEqual([
        5,
        expect.stringMatching(/^nestjs-resources: .* can't be written: ENOSPC.*\n$/),
      ]);
    });

  it('reads no document from a stdin that is closed', () => {
    const { status: code, stderr } = spawnSync(process.execPath, [PROGRAM, 'restore', '-'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('is no JSON')]);
  });
});
