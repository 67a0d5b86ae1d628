import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { LoadTarget } from './load.ts';

/** What the figures are promised against; its streams break with other versions of what it stands on. */
const VERSIONS = { '@portkey-ai/gateway': '1.15.2', '@hono/node-server': '1.13.5', hono: '4.9.7' } as const;
const START_MS = 60_000;

export interface PortkeyRun extends AsyncDisposable {
  readonly target: LoadTarget;
  readonly note: string;
}

/** Starts the other gateway in front of an upstream; a text says why it cannot be compared. */
export async function startPortkey(
  folder: string | undefined,
  upstreamPort: number,
): Promise<PortkeyRun | string> {
  if (folder === undefined)
    return '@portkey-ai/gateway was not compared: no folder that holds it was named (--portkey).';
  const wrong = await wrongVersion(folder);
  if (wrong !== null) return `@portkey-ai/gateway was not compared: ${wrong}`;
  const port = await freePort();
  const entry = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const child = spawn(process.execPath, [entry, '--headless', `--port=${port}`], { stdio: 'ignore' });
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const deadlineMs = performance.now() + START_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadlineMs) {
      await close();
      return '@portkey-ai/gateway was not compared: it did not start.';
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    target: {
      port,
      headers: {
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
      },
    },
    note: `@portkey-ai/gateway ${VERSIONS['@portkey-ai/gateway']} with @hono/node-server ${VERSIONS['@hono/node-server']} and hono ${VERSIONS.hono}, without which its streams break.`,
    [Symbol.asyncDispose]: close,
  };
}

async function wrongVersion(folder: string): Promise<string | null> {
  for (const [name, wanted] of Object.entries(VERSIONS)) {
    const path = join(folder, 'node_modules', name, 'package.json');
    // Absent, or not readable: either way it cannot be run.
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return `there is no ${path}. Install ${name}@${wanted} there.`;
    const { version } = JSON.parse(text) as { version?: string };
    if (version !== wanted) return `${path} is version ${version}, not ${wanted}.`;
  }
  return null;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/' }, (response) => {
      response.resume();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
