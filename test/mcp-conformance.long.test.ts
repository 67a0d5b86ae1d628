import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMcpFixture } from '../packages/gateway/test/mcp-fixture.ts';
import { root } from './repository.ts';

const suite = join(
  root,
  'interop',
  'node_modules',
  '@modelcontextprotocol',
  'conformance',
  'dist',
  'index.js',
);

const SCENARIOS = [
  'server-initialize',
  'ping',
  'logging-set-level',
  'completion-complete',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-error',
  'tools-call-with-progress',
  'json-schema-2020-12',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
  'dns-rebinding-protection',
  'tools-call-sampling',
  'tools-call-elicitation',
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'resources-subscribe',
  'resources-unsubscribe',
  'server-sse-polling',
  'server-sse-multiple-streams',
];

function runScenario(url: string, name: string): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const args = [suite, 'server', '--url', url, '--scenario', name];
    execFile(process.execPath, args, { cwd: join(root, 'interop') }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), said: stdout + stderr }),
    );
  });
}

describe.skipIf(!existsSync(suite))('the conformance suite of the Model Context Protocol', () => {
  let fixture: Awaited<ReturnType<typeof startMcpFixture>>;
  beforeAll(async () => {
    fixture = await startMcpFixture();
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  it.each(SCENARIOS)('%s', async (name) => {
    const { code, said } = await runScenario(fixture.url, name);
    expect(code, said).toBe(0);
  });
});
