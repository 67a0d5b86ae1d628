import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWithCometbft } from '../packages/chain/test/comet/describe-with-cometbft.ts';
import { root } from './repository.ts';
import { aFolder, eventually, runCairn, startMember, startProxy } from './support/running-network.ts';

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

/** A provider and a user join by a validator's address; the user's answer is paid, and sealed to a proved key. */
async function expectMarket({ data }: LocalNode): Promise<void> {
  const [address] = (await json<{ node: { addresses: string[] } }>(data, 'status')).node.addresses;
  const [served, asking] = [await aFolder(), await aFolder()];
  const model = [
    '--model',
    join(root, 'models/cairn-crontab/crontab-f16.gguf'),
    '--model-name',
    'hill/crontab',
  ];
  // Nobody gives money away here: both say which account wants some.
  for (const start of [
    () => startMember(served, 'miner', address!, model),
    () => startProxy(asking, address!),
  ]) {
    const refusal = await start().then(
      () => '',
      (error: Error) => error.message,
    );
    const [account] =
      /cairn1[0-9a-z]+/.exec(/The account cairn1[0-9a-z]+ has 0 CAIRN/.exec(refusal)?.[0] ?? '') ?? [];
    expect(account, refusal).toBeDefined();
    await json(data, 'wallet', 'send', account!, '100', '--from', 'owner', '--yes');
  }
  await using _provider = await startMember(served, 'miner', address!, model);
  await using user = await startProxy(asking, address!);
  const answer = await eventually(async () => {
    const response = await fetch(`${user.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'hill/crontab',
        messages: [{ role: 'user', content: 'every weekday at 9:30 am' }],
      }),
    });
    const body = (await response.json()) as Answer;
    // The list of models may be a second old.
    return response.status === 404 ? null : body;
  });
  expect(answer.choices?.[0]?.message.content, JSON.stringify(answer)).toBe('30 9 * * 1-5');
  expect(answer.cairn.privacy.level).toBe('L1');
  const [channel] = await user.control<{ settled: string }[]>('node_channels', {});
  expect(BigInt(channel!.settled)).toBeGreaterThan(0n);
}

interface Answer {
  readonly choices?: readonly { readonly message: { readonly content: string } }[];
  readonly cairn: { readonly privacy: { readonly level: string } };
}

describeWithCometbft('a network of four validators on one machine', () => {
  it('agrees, is joined by providers and users, replaces a node that is killed, and leaves nothing behind', async () => {
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

    await expectMarket(first);

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
