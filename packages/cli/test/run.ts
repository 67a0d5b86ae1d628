import { fileURLToPath } from 'node:url';
import type { Cli } from '../src/cli.ts';
import { runCli } from '../src/run-cli.ts';
import type { StartNetwork } from '../src/up/start-network.ts';
import { createRecordingTerminal, type RecordingOptions } from './recording-terminal.ts';

export interface RunOptions extends RecordingOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly start?: StartNetwork;
}

export interface RunResult {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
  /** Standard output as the one JSON object it has to be. */
  json<T = Record<string, unknown>>(): T;
}

const noNetwork: StartNetwork = async () => {
  throw new Error('this test starts no network');
};

/** Runs one command line as a shell would, with a terminal that records. */
export async function run(words: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const terminal = createRecordingTerminal(options);
  const cli: Cli = {
    terminal,
    environment: options.environment ?? {},
    folder: process.cwd(),
    signal: options.signal ?? new AbortController().signal,
    nowMs: () => performance.now(),
    version: '1.2.3',
    root: fileURLToPath(new URL('../../../', import.meta.url)),
    keystoreWorkFactor: 1,
  };
  const exitCode = await runCli(cli, options.start ?? noNetwork, words);
  const { out, err } = terminal.printed;
  return { exitCode, out, err, json: <T>() => JSON.parse(out) as T };
}
