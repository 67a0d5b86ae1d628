import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A command of the README and what it printed. */
export interface Recorded {
  readonly command: string;
  readonly output: string;
}

/** Commands in the README's `console` blocks, in order. A command's output ends where the next one begins. */
export function readRecordings(markdown: string): Recorded[] {
  const blocks = [...markdown.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return { command: part.slice(0, end), output: part.slice(end + 1).trimEnd() };
      }),
  );
}

/** Puts newly recorded outputs in the place of the old ones. */
export function writeRecordings(markdown: string, recorded: readonly Recorded[]): string {
  const left = [...recorded];
  return markdown.replaceAll(/^```console\n([\s\S]*?)^```$/gm, (_, block: string) => {
    const commands = block.split(/^\$ /m).slice(1);
    return `\`\`\`console\n${commands.map(() => renderRecorded(left.shift() as Recorded)).join('')}\`\`\``;
  });
}

const renderRecorded = ({ command, output }: Recorded) => `$ ${command}\n${output}\n`;

/**
 * What stays the same from one run to the next: names of ids, amounts and times instead of their values, and one
 * space for many, since columns are as wide as what is in them.
 */
export function normalize(output: string): string {
  return output
    .replaceAll(/\/ip4\/\S+\/p2p\/\w+/g, '<node>')
    .replaceAll(/cairn1[a-z0-9]+(…[a-z0-9]+)?/g, '<address>')
    .replaceAll(/\b[0-9a-f]{12,}\b/g, '<hash>')
    .replaceAll(/localhost:\d+/g, 'localhost:<port>')
    .replaceAll(/\/\S*cairn-test-\S*|~\/\.cairn|\/\S+\/\.cairn/g, '<folder>')
    .replaceAll(/\d[\d,]*(\.\d+)?/g, '<n>')
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/^ | $/gm, '');
}

/** The commands of the README, run as a person would: `up` in one terminal, the others in a second. */
export interface Session extends AsyncDisposable {
  readonly port: number;
  /** Everything `up` printed until it was ready. */
  readonly up: string;
  run(command: string): Promise<string>;
}

export async function startSession(environment: Record<string, string>): Promise<Session> {
  const env = { ...process.env, NO_COLOR: '1', CAIRN_LOG_LEVEL: 'error', ...environment };
  const child = spawn('./cairn', ['up'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let up = '';
  const closed = once(child, 'close') as Promise<[number | null]>;
  await new Promise<void>((resolve, reject) => {
    const hear = (part: Buffer) => {
      up += part.toString();
      if (/Ctrl-C ends it.*\n/.test(up)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    closed.then(([code]) => reject(new Error(`up ended with ${code}: ${up}`)), reject);
  });
  const port = Number(/localhost:(\d+)/.exec(up)?.[1]);
  return {
    port,
    up: up.slice(0, up.search(/\n\nblock /) === -1 ? undefined : up.search(/\n\nblock /)).trimEnd(),
    run: (command) => runInShell(command.replaceAll('localhost:8470', `localhost:${port}`), env),
    async [Symbol.asyncDispose]() {
      endGroup(child, 'SIGINT');
      await closed;
    },
  };
}

/** The launcher is a shell script, so what it started is ended with it. */
function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
}

async function runInShell(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('sh', ['-c', `${command} 2>&1`], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (part) => (output += part));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${output}`);
  return output.trimEnd();
}
