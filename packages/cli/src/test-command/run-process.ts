import { spawn } from 'node:child_process';

export interface ProcessOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Keep the output instead of passing it on to standard error. @default false */
  capture?: boolean;
}

export interface ProcessResult {
  /** The exit status; 128 and the signal's number when a signal ended it, as shells have it. */
  exitCode: number;
  /** Both streams as they came; empty unless captured. */
  output: string;
}

export type RunProcess = (
  command: string,
  args: readonly string[],
  options: ProcessOptions,
) => Promise<ProcessResult>;

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/** Runs a program to its end. Its standard output never reaches ours, which holds the result only. */
export const runProcess: RunProcess = (command, args, options) =>
  new Promise((resolve, reject) => {
    const passOn = options.capture ? 'pipe' : process.stderr.fd;
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', passOn, passOn],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const exitCode = code ?? 128 + (signalNumbers[signal as NodeJS.Signals] ?? 0);
      resolve({ exitCode, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
