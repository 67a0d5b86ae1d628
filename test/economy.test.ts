import { addressToAccountId, bytesToHex, createPureCrypto } from '@cairn/core';
import { saltCommitment, weightsCommitment } from '@cairn/ledger';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aFolder,
  eventually,
  type RunningNetwork,
  runCairn,
  startNetwork,
} from './support/running-network.ts';

/** A block and a slot five times a second, an epoch every ten seconds. */
const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '50', '--tasks', '4'];
const ENVIRONMENT = { CAIRN_PASSPHRASE: 'a long enough passphrase' };
const WEATHER = 2;
/** Buys, stakes and owns the hotkeys: a key of the node, which is opened faster than a wallet. */
const STAKER = 'miner-2';

interface Sent {
  readonly sent: boolean;
  readonly height: number;
  readonly events: readonly { name: string; data: Record<string, string> }[];
}
interface Order {
  readonly status: string;
  readonly spent: string;
  readonly amountOut: string;
}
interface Neuron {
  readonly uid: number;
  readonly hotkey: string;
  readonly permit: boolean;
  readonly incentive: number;
  readonly dividends: number;
}

/**
 * The economy as a person meets it, by commands only: a subnet of one's own, its token, stake, weights, dividends.
 * Each step goes on from the one before.
 */
describe('the economy of a local network', () => {
  let network: RunningNetwork;
  let validator: string;
  let miner: string;
  let staked: bigint;
  const saltOf = (byte: number) => new Uint8Array(32).fill(byte);

  beforeAll(async () => {
    network = await startNetwork(await aFolder(), FAST);
  });
  afterAll(() => network[Symbol.asyncDispose]());

  const cairn = async <T>(...words: string[]): Promise<T> => {
    const { code, stdout, stderr } = await runCairn(
      [...words, '--data', network.data, '--json'],
      ENVIRONMENT,
    );
    expect(code, `cairn ${words.join(' ')}: ${stdout}${stderr}`).toBe(0);
    return JSON.parse(stdout) as T;
  };
  const neurons = async () =>
    (await network.control<{ neurons: Neuron[] }>('subnets_metagraph', { netuid: WEATHER })).neurons;
  const epochOf = async () =>
    (await network.control<{ epoch: number }>('yuma_seed', { netuid: WEATHER })).epoch;
  const commitmentOf = (salt: Uint8Array) =>
    bytesToHex(saltCommitment(createPureCrypto(), WEATHER, addressToAccountId(validator), salt));
  const send = (message: string, value: object) =>
    runCairn(
      [
        'tx',
        'send',
        message,
        '--value',
        JSON.stringify(value),
        '--wallet',
        'savings/1',
        '--yes',
        '--json',
        '--data',
        network.data,
      ],
      ENVIRONMENT,
    );

  it('creates a subnet and gives two hotkeys of a wallet a place', async () => {
    const [created] = await Promise.all([
      cairn<Sent>('subnet', 'create', 'weather', '--wallet', 'owner', '--yes'),
      cairn('wallet', 'create', 'savings'),
    ]);
    expect(created.events.map(({ name }) => name)).toContain('subnets.created');
    for (const hotkey of ['savings/1', 'savings/2'])
      await cairn('subnet', 'register', `${WEATHER}`, '--hotkey', hotkey, '--wallet', STAKER, '--yes');
    [validator, miner] = (await neurons()).map(({ hotkey }) => hotkey) as [string, string];
    const { markets } = await cairn<{ markets: { netuid: number; name: string }[] }>('token', 'list');
    expect(markets.map(({ netuid, name }) => [netuid, name])).toEqual([
      [1, 'crontab'],
      [WEATHER, 'weather'],
    ]);
  }, 120_000);

  it('shows what a purchase would bring, and it brings that', async () => {
    const words = ['token', 'buy', `${WEATHER}`, '20', '--wallet', STAKER, '--max-slippage', '5%'];
    const plan = await cairn<{ sent: boolean; quote: Order; minOut: string }>(...words, '--dry-run');
    expect(plan).toMatchObject({ sent: false, quote: { status: 'filled', spent: '20000000000' } });
    const { order } = await cairn<{ order: Order }>(...words, '--yes');
    expect(order).toMatchObject({ status: 'filled', spent: '20000000000' });
    // Emission between the two moves the price a little.
    expect(Number(order.amountOut) / Number(plan.quote.amountOut)).toBeCloseTo(1, 1);
    expect(BigInt(order.amountOut)).toBeGreaterThanOrEqual(BigInt(plan.minOut));
    staked = BigInt(order.amountOut) / 1_000_000_000n;
  });

  it('stakes the token to the hotkey that validates', async () => {
    await cairn(
      'stake',
      'add',
      validator,
      `${staked}`,
      '--subnet',
      `${WEATHER}`,
      '--wallet',
      STAKER,
      '--yes',
    );
    const { tokens } = await cairn<{ tokens: { netuid: number; hotkey: string }[] }>('stake', 'list', STAKER);
    expect(tokens).toMatchObject([{ netuid: WEATHER, hotkey: validator }]);
  });

  it('sets weights under a salt that was committed before, and earns dividends for its stake', async () => {
    await cairn('wallet', 'send', validator, '1', '--from', 'owner', '--yes');
    await eventually(async () => (await neurons()).find(({ permit }) => permit) ?? null);
    const [uids, values, version] = [[0, 1], [0, 1], 0];

    /** In the epoch after the one it was committed in, and no later: a loaded machine may miss that. */
    async function setWeights(attempt: number): Promise<boolean> {
      const [salt, next, later] = [1, 2, 3].map((at) => saltOf(3 * attempt + at)) as [
        Uint8Array,
        Uint8Array,
        Uint8Array,
      ];
      const committed = await send('yuma.commitSalt', {
        netuid: WEATHER,
        commitments: [salt, next].map(commitmentOf),
      });
      expect(committed.code, committed.stderr).toBe(0);
      const epoch = await eventually(async () => {
        const now = await epochOf();
        const place = { netuid: WEATHER, mechanism: 0, epoch: now };
        const secret = { ...place, validator: addressToAccountId(validator) };
        const { code, stdout } = await send('yuma.commitWeights', {
          netuid: WEATHER,
          epoch: now,
          commitment: bytesToHex(
            weightsCommitment(createPureCrypto(), { ...secret, uids, values, version, salt }),
          ),
          evidenceRoot: '00'.repeat(32),
        });
        if (code === 0) return now;
        expect(stdout).toMatch(/"reason":"(EPOCH_WRONG|SALT_TOO_NEW)"/);
        return null;
      });
      await eventually(async () => ((await epochOf()) > epoch ? true : null));
      const { code, stdout } = await send('yuma.revealWeights', {
        ...{ netuid: WEATHER, epoch, uids, values, version },
        salt: bytesToHex(salt),
        nextSaltCommitment: commitmentOf(later),
      });
      if (code !== 0) expect(stdout).toContain('"reason":"COMMIT_UNKNOWN"');
      return code === 0;
    }

    let attempt = 0;
    while (!(await setWeights(attempt))) expect(attempt++, 'epochs that were missed').toBeLessThan(5);
    const earning = await eventually(async () => {
      const found = await neurons();
      return found.some(({ dividends }) => dividends > 0) ? found : null;
    });
    expect(earning.find(({ hotkey }) => hotkey === miner)?.incentive).toBe(65_535);
    expect(earning.find(({ hotkey }) => hotkey === validator)?.dividends).toBe(65_535);
    const { tokens } = await cairn<{ tokens: { amount: string }[] }>('stake', 'list', STAKER);
    expect(BigInt(tokens[0]!.amount)).toBeGreaterThan(staked * 1_000_000_000n);
    const { held } = (
      await cairn<{ tokens: { netuid: number; held: string }[] }>('wallet', 'balance', STAKER)
    ).tokens.find(({ netuid }) => netuid === WEATHER)!;
    expect(BigInt(held), 'the miner earned tokens').toBeGreaterThan(1_000_000_000n);
  }, 240_000);

  it('votes a parameter change through, which takes effect at the stated slot', async () => {
    const staker = 'validator-1';
    const created = await cairn<Sent>(
      ...['proposal', 'create', 'dearer bytes', '--set', 'feePerByte=101', '--wallet', staker, '--yes'],
    );
    const opened = created.events.find(({ name }) => name === 'governance.proposed')!;
    const id = String(opened.data.proposal);
    for (const wallet of [staker, 'validator-2'])
      await cairn('proposal', 'vote', id, 'for', '--wallet', wallet, '--yes');
    const bytePrice = async () =>
      (await cairn<{ parameters: readonly { name: string; value: string }[] }>('params')).parameters.find(
        ({ name }) => name === 'feePerByte',
      )?.value;
    expect(await bytePrice()).toBe('100');
    await eventually(async () => ((await bytePrice()) === '101' ? true : null));
    const response = await fetch(`${network.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'chain_events',
        params: {
          names: ['governance.approved', 'governance.parameterChanged'],
          from: created.height,
        },
      }),
    });
    const { events } = ((await response.json()) as { result: { events: { data: Record<string, string> }[] } })
      .result;
    const [approved, changed] = events.map(({ data }) => data);
    expect(changed).toMatchObject({ name: 'feePerByte', before: '100', value: '101' });
    expect(BigInt(changed!.slot!)).toBe(BigInt(approved!.enactSlot!));
  }, 120_000);

  it('swaps the token for another in two blocks', async () => {
    const swap = [
      'token',
      'swap',
      `${WEATHER}`,
      '1',
      '2',
      '--wallet',
      STAKER,
      '--max-slippage',
      '50%',
      '--yes',
    ];
    const swapped = await cairn<{ sale: Order; purchase: Order }>(...swap);
    expect(swapped).toMatchObject({ sale: { status: 'filled' }, purchase: { status: 'filled' } });
  });
});
