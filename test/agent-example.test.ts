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
}

async function runAgent(url: string, budget: string): Promise<readonly Step[]> {
  const agent = join(root, 'examples', 'agent', 'agent.ts');
  const { stdout } = await run(process.execPath, ['--conditions=source', agent, url, budget], { cwd: root });
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
    const limits = ['--per-call', '0.5', '--per-day', '2', '--total', '2', '--in', '100000'];
    await first.json('subkey', 'set', agent, ...limits, '--wallet', 'owner', '--yes');
    await first.interrupt();
    await writeFile(join(data, 'config.json'), JSON.stringify({ spendFor: owner }));
    await using network = await startNetwork(data, FAST);

    const steps = await runAgent(network.url, '0.1');
    expect(steps[0]).toMatchObject({ step: 'found' });
    expect(steps[0]?.models?.map(({ model }) => model)).toContain('cairn/crontab');
    const bought = steps.filter(({ step }) => step === 'bought');
    expect(bought.map(({ mistake }) => mistake)).toEqual([null, null]);
    expect(bought[0]?.answer).toBe('30 9 * * 1-5');
    const last = steps.at(-1);
    expect(last?.step).toBe('done');
    expect(Number(last?.spent)).toBeGreaterThan(0);

    const stopped = await runAgent(network.url, '0.000000010');
    expect(stopped.at(-1)).toMatchObject({ step: 'out of money', spent: '0' });
    expect(stopped.at(-1)?.reason).toContain('were offered for it');
  });
});
