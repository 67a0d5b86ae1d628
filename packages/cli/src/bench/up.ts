import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectGateway } from '../ask/gateway-client.ts';
import type { Cli } from '../cli.ts';
import { connectNode } from '../connect.ts';
import { CliError } from '../errors.ts';
import { fetchNodeStatus } from '../node-views.ts';
import { pause } from '../pause.ts';
import { judge, type Measurement } from './measurement.ts';

const FIRST_ANSWER_CEILING_MS = 10_000;
const MEMORY_CEILING_MB = 800;
/** The network works this long before its memory is read: an epoch and its answers. */
const SETTLE_MS = 30_000;

const QUESTION = 'every weekday at 9:30 am';

/** Starts a whole network in a process of its own, as a person does, and asks it one question. */
export async function measureUp(cli: Cli): Promise<Measurement[]> {
  const data = await mkdtemp(join(tmpdir(), 'cairn-bench-'));
  const startMs = cli.nowMs();
  const main = join(cli.root, 'packages', 'cli', 'src', 'main.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=source', main, 'up', '--json', '--port', '0', '--log-level', 'error', '--data', data],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, CAIRN_DATA: data } },
  );
  try {
    const url = await waitUntilReady(child, cli.signal);
    const readyMs = cli.nowMs() - startMs;
    await askOnce(url, cli.signal);
    const answeredMs = cli.nowMs() - startMs;
    await pause(SETTLE_MS, cli.signal);
    const { residentBytes } = await fetchNodeStatus(await connectNode(cli, { data }));
    return [
      figure('start to ready', 's', readyMs / 1000, null),
      figure('start to first answered request', 's', answeredMs / 1000, FIRST_ANSWER_CEILING_MS / 1000),
      figure('resident memory of the whole network', 'MB', residentBytes / 1e6, MEMORY_CEILING_MB),
    ];
  } finally {
    await end(child);
    await rm(data, { recursive: true, force: true });
  }
}

function figure(name: string, unit: string, value: number, target: number | null): Measurement {
  return judge({ suite: 'up', name, unit, value, low: value, high: value, runs: 1, target, isFloor: false });
}

async function waitUntilReady(child: ChildProcess, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  for await (const line of lines) {
    const said = JSON.parse(line) as { ready?: boolean; url?: string };
    if (said.ready === true && said.url !== undefined) {
      // What else it says must not fill its pipe.
      child.stdout!.resume();
      return said.url;
    }
  }
  const reason = 'the network ended before it was ready';
  throw new CliError({ code: 'BENCH_FAILED', reason }, `The bench stopped: ${reason}; it says why above.`);
}

async function askOnce(url: string, signal: AbortSignal): Promise<void> {
  const gateway = connectGateway(url, { signal, apiKey: '' });
  const messages = [{ role: 'user', content: QUESTION }];
  const response = await gateway.fetch('/v1/chat/completions', { model: 'cairn/crontab', messages });
  const { choices } = (await response.json()) as { choices?: readonly { message?: { content?: string } }[] };
  if (choices?.[0]?.message?.content !== undefined) return;
  const reason = 'the first answer was empty';
  throw new CliError({ code: 'BENCH_FAILED', reason }, `The bench stopped: ${reason}.`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}
