import { type ChildProcess, spawn } from 'node:child_process';

/** A program that ends when its parent does, however that ends. */
export interface Child {
  readonly pid: number;
  /** Resolves when it has ended, with what it said last. Never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** Asks it to end, and ends it after a grace. */
  stop(): Promise<ChildEnd>;
}

export interface ChildEnd {
  /** Exit status; null when a signal ended it. */
  readonly code: number | null;
  /** Last lines of its output. */
  readonly said: readonly string[];
}

/**
 * A shell stands between: its standard input is a pipe from the parent, which the kernel closes when the parent is
 * gone. Then, or when the parent closes it to stop the program, the program is asked to end, and ended after a grace
 * of `$0` seconds. The program itself inherits no end of that pipe. When the shell has ended nothing of it is left.
 */
const UNTIL_STDIN_ENDS = `
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
(
  read -r _ <&3
  kill -TERM "$program"
  waited=0
  while [ "$waited" -lt "$0" ] && kill -0 "$program"; do sleep 1; waited=$((waited + 1)); done
  kill -KILL "$program"
) >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$program"
code=$?
kill "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
exit "$code"
`;

/**
 * What programs of others are told: everything but Cairn's settings and passphrase, and the password by which the
 * index reaches its database. Tokens for fetching models stay.
 */
export function environmentOfOthers(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const isOurs = (name: string) => name.startsWith('CAIRN_') || name === 'PGPASSWORD';
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isOurs(name)));
}

const MAX_LINES = 40;
const MAX_LINE_CHARACTERS = 1_000;

export interface ChildOptions {
  /** From the wish that it ends until it is ended. @default 10 */
  readonly graceSeconds?: number;
  /** @default that of this process without Cairn's settings, which are nothing to other programs */
  readonly environment?: NodeJS.ProcessEnv;
  readonly onLine?: (line: string) => void;
}

export function startChild(
  program: string,
  args: readonly string[],
  { graceSeconds = 10, environment = environmentOfOthers(), onLine }: ChildOptions = {},
): Child {
  // A group of its own: Ctrl-C in a terminal reaches the parent, which stops it in order.
  const child = spawn('/bin/sh', ['-c', UNTIL_STDIN_ENDS, String(graceSeconds), program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: environment,
  });
  const said: string[] = [];
  const hear = (line: string): void => {
    const heard = line.slice(0, MAX_LINE_CHARACTERS);
    said.push(heard);
    if (said.length > MAX_LINES) said.shift();
    onLine?.(heard);
  };
  listen(child, hear);
  // The pipe breaks when the shell ends first; `ended` says so.
  child.stdin!.on('error', () => undefined);
  // Should somebody end the shell alone, the closed pipe still ends the program.
  child.once('exit', () => child.stdin!.destroy());
  const ended = new Promise<ChildEnd>((resolve) => {
    child.once('error', (error) => {
      hear(error.message);
      resolve({ code: null, said });
    });
    child.once('close', (code) => resolve({ code, said }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    async stop() {
      child.stdin!.end();
      return ended;
    },
  };
}

function listen(child: ChildProcess, hear: (line: string) => void): void {
  for (const stream of [child.stdout!, child.stderr!]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARACTERS);
      for (const line of lines) if (line !== '') hear(line);
    });
    stream.on('end', () => rest !== '' && hear(rest));
  }
}
