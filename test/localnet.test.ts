import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWithCometbft } from '../packages/chain/test/comet/describe-with-cometbft.ts';
import { aFolder, eventually, runCairn } from './support/running-network.ts';

const CLI = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));

interface LocalNode {
  readonly name: string;
  readonly data: string;
  readonly pid: number;
}
interface Status {
  readonly chain: { readonly height: number; readonly engine: string; readonly chainId: string };
  readonly node: { readonly pid: number };
}

interface Localnet extends AsyncDisposable {
  readonly nodes: readonly LocalNode[];
  /** Ends it by a signal. Resolves with its exit status. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

async function startLocalnet(data: string): Promise<Localnet> {
  const flags = ['--validators', '4', '--port', '0', '--consensus-port', '0', '--block-ms', '200', '--json'];
  const child = spawn(process.execPath, ['--conditions=source', CLI, 'localnet', '--data', data, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return (await ended)[0];
  };
  const nodes = await new Promise<LocalNode[]>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => resolve(JSON.parse(line).nodes));
    child.once('exit', (code) => reject(new Error(`localnet ended with ${code}`)));
  });
  return {
    nodes,
    end,
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
    },
  };
}

async function json<T>(data: string, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await runCairn([...args, '--data', data, '--json']);
  if (code !== 0) throw new Error(`cairn ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

/** Every process that has this folder in its command. */
function processesOf(data: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return line.includes(data) ? [line.replaceAll('\0', ' ')] : [];
      } catch {
        // Gone since it was listed.
        return [];
      }
    });
}

describeWithCometbft('a network of four validators on one machine', () => {
  it('agrees, replaces a node that is killed, and leaves nothing behind', async () => {
    const data = await aFolder();
    await using localnet = await startLocalnet(data);
    const { nodes } = localnet;
    expect(nodes.map(({ name }) => name)).toEqual(['node-1', 'node-2', 'node-3', 'node-4']);
    const [first, second, third] = nodes as [LocalNode, LocalNode, LocalNode];

    const { chain } = await json<Status>(first.data, 'status');
    expect(chain.engine).toBe('cometbft');
    const wallets = await json<{ wallets: { name: string; address: string }[] }>(
      second.data,
      'wallet',
      'list',
    );
    const { address } = wallets.wallets.find(({ name }) => name === 'owner')!;
    const before = await json<{ spendable: string }>(third.data, 'wallet', 'balance', address);
    await json(first.data, 'wallet', 'send', address, '25', '--from', 'owner', '--yes');
    await eventually(async () => {
      const after = await json<{ spendable: string }>(third.data, 'wallet', 'balance', address);
      // It also earns a little for its blocks.
      return BigInt(after.spendable) >= BigInt(before.spendable) + 25_000_000_000n ? true : null;
    });

    process.kill(second.pid, 'SIGKILL');
    const { height } = (await json<Status>(first.data, 'status')).chain;
    await eventually(async () => {
      const status = await json<Status>(second.data, 'status').catch(() => null);
      return status !== null && status.node.pid !== second.pid && status.chain.height > height ? true : null;
    });

    expect(await localnet.end('SIGINT')).toBe(130);
    expect(processesOf(data)).toEqual([]);
  }, 240_000);

  it('ends with the process that started it, even when that is killed', async () => {
    const data = await aFolder();
    await using localnet = await startLocalnet(data);
    expect(processesOf(data).length).toBeGreaterThan(8);
    await localnet.end('SIGKILL');
    await eventually(async () => (processesOf(data).length === 0 ? true : null));
  }, 240_000);
});
