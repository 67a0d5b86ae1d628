import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anHttpTown, WHOLE_SURFACE } from '../packages/node/test/miner/http-town.ts';
import { root } from './repository.ts';

const folder = join(root, 'interop');
/** `./cairn test --all` installs them; by hand it is `npm ci --ignore-scripts` in that folder. */
const isInstalled = existsSync(join(folder, 'node_modules', 'ai'));

/** Runs a client in a process of its own, with the conditions that its users have. */
function runClient(
  baseUrl: string,
  name: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, ['clients.ts', baseUrl, name], { cwd: folder });
  let said = '';
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

describe.skipIf(!isInstalled)('stock clients, unmodified', () => {
  let town: Awaited<ReturnType<typeof anHttpTown>>;
  beforeAll(async () => {
    town = await anHttpTown(WHOLE_SURFACE);
  });
  afterAll(() => town[Symbol.asyncDispose]());

  it.each([
    'openai',
    '@ai-sdk/openai',
    '@ai-sdk/openai-compatible',
    '@openrouter/ai-sdk-provider',
    '@langchain/openai',
  ])('%s', async (name) => {
    const before = town.gateway.usage('local').answers;
    const { code, said } = await runClient(`http://127.0.0.1:${town.port}/v1`, name);
    expect(code, said).toBe(0);
    expect(town.gateway.usage('local').answers, 'its answers were paid').toBeGreaterThan(before);
  });
});
