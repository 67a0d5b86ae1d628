import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { READER_GONE, runCli } from './run-cli.ts';
import { createRealTerminal } from './terminal/real-terminal.ts';
import type { StartNetwork } from './up/start-network.ts';

/** Runs the command line of this process and ends it. The first Ctrl-C ends a command cleanly, the second at once. */
export async function startCli(root: string): Promise<never> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) listenFor(signal, interruption);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    interruption.abort(READER_GONE);
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
  // Native code would hold the process: a port of WebRTC stays open to its end. What was said is let out first.
  await Promise.all([process.stdout, process.stderr].map(letOut));
  process.exit(exitCode);
}

function letOut(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writable) stream.write('', () => resolve());
    else resolve();
  });
}

/**
 * The listener stays after the first signal: libraries that listen too end the process when they find themselves
 * alone. The second signal ends it at once.
 */
function listenFor(signal: 'SIGINT' | 'SIGTERM', interruption: AbortController): void {
  const hear = () => {
    if (interruption.signal.aborted) {
      process.removeListener(signal, hear);
      process.kill(process.pid, signal);
    }
    interruption.abort(signal);
  };
  process.on(signal, hear);
}

const startNetwork: StartNetwork = async (options) => {
  const [{ startLocalNetwork }, { createSite }] = await Promise.all([
    import('@cairn/node'),
    import('@cairn/web'),
  ]);
  return startLocalNetwork({ ...options, environment: process.env, site: createSite() });
};
