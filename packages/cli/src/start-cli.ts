import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './run-cli.ts';
import { createRealTerminal } from './terminal/real-terminal.ts';
import type { StartNetwork } from './up/start-network.ts';

/** Runs the command line of this process and sets its exit status. The first Ctrl-C ends a command cleanly, the second at once. */
export async function startCli(root: string): Promise<void> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interruption.abort(signal));
  }
  // A reader such as `head` that has seen enough is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    interruption.abort('EPIPE');
  });
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const exitCode = await runCli(
    {
      terminal: createRealTerminal(interruption.signal),
      environment: process.env,
      folder: process.cwd(),
      signal: interruption.signal,
      nowMs: () => performance.now(),
      version,
      root,
    },
    startNetwork,
    process.argv.slice(2),
  );
  if (exitCode !== 0) process.exitCode = exitCode;
}

const startNetwork: StartNetwork = async (options) => {
  const { startLocalNetwork } = await import('@cairn/node');
  return startLocalNetwork(options);
};
