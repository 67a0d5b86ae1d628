import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { root } from './repository.ts';
import { aFolder, startNetwork } from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '60', '--tasks', '24'];
const run = promisify(execFile);

interface Step {
  readonly step: string;
  readonly spent?: string;
  readonly mistake?: string | null;
  readonly models?: readonly { readonly model: string }[];
  readonly answer?: string;
  readonly reason?: string;
  readonly cost?: string;
  readonly wishes?: number;
}

async function runAgent(url: string, budget: string, ...bought: readonly string[]): Promise<readonly Step[]> {
  const agent = join(root, 'examples', 'agent', 'agent.ts');
  const { stdout } = await run(process.execPath, ['--conditions=source', agent, url, budget, ...bought], {
    cwd: root,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);
}

interface Status {
  readonly node: {
    readonly roles: readonly { readonly kind: string; readonly address: string }[];
  };
}
interface Balance {
  readonly address: string;
}

describe('the example agent on a local network', () => {
  it('finds, compares, buys and checks with the money of its owner, and stops when its budget ends', async () => {
    const data = await aFolder();
    const first = await startNetwork(data, FAST);
    const { roles } = (await first.json<Status>('status')).node;
    const agent = roles.find(({ kind }) => kind === 'gateway')!.address;
    const { address: owner } = await first.json<Balance>('wallet', 'balance', 'owner');
    await first.interrupt();
    // The same keys on a new chain, where the gateway has no channels of its own yet.
    await writeFile(join(data, 'config.json'), JSON.stringify({ spendFor: owner }));
    await using network = await startNetwork(data, [...FAST, '--reset']);

    const [found, refused] = await runAgent(network.url, '0.1');
    expect(found).toMatchObject({ step: 'found' });
    expect(refused).toMatchObject({ step: 'out of money', spent: '0' });
    expect(refused?.reason).toContain('is no sub-key of');
    const limits = ['--per-call', '0.5', '--per-day', '2', '--total', '2', '--in', '100000'];
    await network.json('subkey', 'set', agent, ...limits, '--wallet', 'owner', '--yes');

    const steps = await runAgent(network.url, '0.1');
    expect(steps[0]).toMatchObject({ step: 'found' });
    expect(steps[0]?.models?.map(({ model }) => model)).toContain('cairn/crontab');
    const bought = steps.filter(({ step }) => step === 'bought');
    // A cheat that nobody has measured yet may be asked first: its answers are found out, and others are bought.
    const held = bought.filter(({ mistake }) => mistake === null);
    expect(held).toHaveLength(2);
    expect(held[0]?.answer).toBe('30 9 * * 1-5');
    const last = steps.at(-1);
    expect(last?.step).toBe('done');
    expect(Number(last?.spent)).toBeGreaterThan(0);

    // A data set with wishes: one chunk of it is bought from the same budget, and what it holds is fulfilled.
    const wishes = [{ phrase: 'every 15 minutes', runs: ['2026-03-02T00:15'], rests: ['2026-03-02T00:20'] }];
    const source = join(data, 'wishes.jsonl');
    await writeFile(source, wishes.map((wish) => `${JSON.stringify(wish)}\n`).join(''));
    const listing = ['--name', 'lab/wishes', '--licence', 'CC0-1.0', '--price', '0.01', '--yes'];
    await network.json('dataset', 'publish', source, ...listing);
    const informed = await runAgent(network.url, '0.1', 'lab/wishes', data);
    expect(informed.find(({ step }) => step === 'bought data')).toMatchObject({ cost: '0.01', wishes: 1 });
    expect(informed.filter(({ step, mistake }) => step === 'bought' && mistake === null)).toHaveLength(1);
    expect(Number(informed.at(-1)?.spent)).toBeGreaterThan(0.01);

    // Enough for some answers, and not for what may have to be held for the next.
    const stopped = await runAgent(network.url, '0.006');
    expect(stopped.at(-1)).toMatchObject({ step: 'out of money' });
    expect(stopped.at(-1)?.reason).toContain('were offered for it');
    expect(Number(stopped.at(-1)?.spent)).toBeGreaterThan(0);
    expect(Number(stopped.at(-1)?.spent)).toBeLessThan(0.006);
    expect(stopped.some(({ step }) => step === 'done')).toBe(false);

    const response = await fetch(`${network.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'accounts_subKeys',
        params: { owner, after: null, limit: 0 },
      }),
    });
    const { result } = (await response.json()) as { result: { key: string; spent: string }[] };
    const drawn = Number(result.find(({ key }) => key === agent)?.spent);
    expect(drawn, 'the ledger counted what was drawn from the owner').toBeGreaterThan(0);
    expect(drawn).toBeLessThanOrEqual(2_000_000_000);
  }, 300_000);
});
