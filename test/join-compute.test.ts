import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './repository.ts';
import {
  aFolder,
  eventually,
  type RunningNetwork,
  startMember,
  startNetwork,
} from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '50', '--tasks', '4'];
const SENTENCE = 'to be or not to be';

interface Deployed {
  readonly provider: string;
  readonly bids: number;
}
interface Called {
  readonly output: string;
  readonly provider: string;
  readonly work: number;
  readonly cost: string;
  readonly privacy: string;
}

/** Three processes: a network, a provider of compute that knows its address, a gateway that knows it too. */
describe('compute on a network that others join', () => {
  let seed: RunningNetwork;
  let provider: RunningNetwork;
  let gateway: RunningNetwork;
  let address: string;

  beforeAll(async () => {
    seed = await startNetwork(await aFolder(), FAST);
    [provider, gateway] = await Promise.all([
      startProvider(await aFolder()),
      startMember(await aFolder(), 'gateway', seed.addresses[0]!),
    ]);
    const { roles } = await provider.control<{ roles: { kind: string; address: string }[] }>(
      'node_status',
      {},
    );
    address = roles.find(({ kind }) => kind === 'compute')!.address;
  }, 180_000);
  afterAll(async () => {
    for (const process of [gateway, provider, seed]) await process?.[Symbol.asyncDispose]();
  });

  /** Cheaper than what the seed runs itself, and with room for what does not fit there. */
  const startProvider = (data: string) =>
    startMember(data, 'compute', seed.addresses[0]!, [
      ...['--compute-slot-price', '0.00005', '--compute-memory', '4096'],
    ]);

  async function deploy(at: RunningNetwork, name: string, memoryMib = 64): Promise<Deployed> {
    const code = await readFile(join(root, 'examples/functions/word-count/function.js'), 'base64');
    return at.control<Deployed>('node_deploy', { name, kind: 'javascript', memoryMib, code });
  }

  const call = (at: RunningNetwork, name: string) =>
    at.control<Called>('node_call', { name, input: Buffer.from(SENTENCE).toString('base64') });

  const countOf = ({ output }: Called) => JSON.parse(Buffer.from(output, 'base64').toString()) as unknown;

  it('names the machine of the provider on the ledger', async () => {
    const record = await seed.control<{ devices: { addresses: string[] }[] }>('registry_provider', {
      account: address,
    });
    expect(record.devices[0]!.addresses).toEqual(provider.addresses);
  });

  it('leases what does not fit into the first node to the provider that joined, and pays it for its work', async () => {
    expect(await deploy(seed, 'large', 600)).toMatchObject({ provider: address, bids: 1 });
    const called = await call(seed, 'large');
    expect(called).toMatchObject({ provider: address, privacy: 'L1' });
    expect(countOf(called)).toMatchObject({ words: 6 });
    expect(called.work).toBeGreaterThan(0);
    expect(BigInt(called.cost)).toBeGreaterThan(0n);
    const channels = await seed.control<{ payee: string; settled: string }[]>('node_channels', {});
    expect(BigInt(channels.find(({ payee }) => payee === address)!.settled)).toBe(BigInt(called.cost));
  });

  it('takes the cheaper of two bids, though the provider beside the tenant bids first', async () => {
    expect(await deploy(seed, 'cheap')).toMatchObject({ provider: address, bids: 2 });
  });

  it('deploys and calls from a gateway that joined, with its own wallet', async () => {
    expect(await deploy(gateway, 'mine')).toMatchObject({ provider: address });
    const response = await fetch(`${gateway.url}/fn/mine`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: SENTENCE,
    });
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([200, { words: 6 }]);
    expect(response.headers.get('x-cairn-privacy')).toBe('L1');
    // What another deployed is called too, by its id or name.
    expect(await call(gateway, 'large')).toMatchObject({ provider: address });
    const rows = await gateway.control<{ name: string; instances: unknown }[]>('node_deployments', {});
    expect(rows.find(({ name }) => name === 'mine')).toMatchObject({ instances: null });
    expect(await gateway.control('node_stopDeployment', { name: 'mine' })).toMatchObject({ name: 'mine' });
  });

  it('runs its leases again when the provider comes back', async () => {
    await provider.interrupt();
    provider = await startProvider(provider.data);
    const called = await eventually(() => call(seed, 'large').catch(() => null));
    expect(called.provider).toBe(address);
  });
});
