import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../packages/cli/test/run.ts';
import { aFolder, type RunningNetwork, startNetwork } from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '200', '--tasks', '4'];
const environment = { CAIRN_PASSPHRASE: 'a long enough passphrase' };

interface Sent {
  readonly sent: boolean;
  readonly message: string;
  readonly deposit: string;
  readonly events: readonly { readonly name: string; readonly data: Record<string, string> }[];
}
interface Balance {
  readonly staked: string;
  readonly kept: string;
  readonly total: string;
  readonly deposits: string;
  readonly locks: readonly { readonly amount: string; readonly votes: number }[];
}

/** The verbs of stake, hotkeys, subnets, governance and keys, each accepted by the ledger of a local network. */
describe('the verbs of the economy', () => {
  let network: RunningNetwork;
  beforeAll(async () => {
    network = await startNetwork(await aFolder(), FAST);
  });
  afterAll(() => network[Symbol.asyncDispose]());

  const cairn = async <T>(text: string): Promise<T> => {
    const words = [...text.split(' '), '--data', network.data, '--json'];
    const { exitCode, out, err, json } = await run(words, { environment });
    expect(exitCode, `cairn ${text}: ${out}${err}`).toBe(0);
    return json<T>();
  };
  /** Sends what is typed and gives the names of its events. */
  const send = async (text: string, wallet: string): Promise<string[]> => {
    const { sent, events } = await cairn<Sent>(`${text} --wallet ${wallet} --yes`);
    expect(sent, text).toBe(true);
    return events.map(({ name }) => name);
  };
  const balanceOf = (wallet: string) => cairn<Balance>(`wallet balance ${wallet}`);

  it('moves, gives and keeps stake, and counts it all', async () => {
    expect(await send('stake move validator-1 validator-2 10', 'validator-1')).toContain(
      'staking.stakeMoved',
    );
    expect(await send('stake send validator-1 gateway 5', 'validator-1')).toContain(
      'staking.stakeTransferred',
    );
    expect(await send('stake dividends validator-1 keep 20', 'validator-1')).toContain(
      'staking.rootClaimSet',
    );
    expect(await send('stake auto 1 validator-1', 'miner-1')).toContain('staking.autoStakeSet');
    expect(await send('stake auto 1 none', 'miner-1')).toContain('staking.autoStakeSet');
    const given = await balanceOf('gateway');
    expect(BigInt(given.staked)).toBeGreaterThanOrEqual(5_000_000_000n);
    const kept = await balanceOf('validator-1');
    expect(BigInt(kept.kept)).toBeGreaterThanOrEqual(20_000_000_000n);
  }, 60_000);

  it('sets takes and lends a hotkey, whose deposit is the one that was shown', async () => {
    expect(await send('hotkey take validator-1 5%', 'validator-1')).toContain('staking.takeSet');
    const words = 'hotkey lend validator-1 --subnet 1 --to validator-2=25% --wallet validator-1 --dry-run';
    const { deposit } = await cairn<Sent>(words);
    const before = await cairn<{ spendable: string; records: number }>('account show validator-1');
    const lent = await cairn<Sent & { fee: string }>(words.replace('--dry-run', '--yes'));
    const after = await cairn<{ spendable: string; records: number }>('account show validator-1');
    expect(after.records).toBe(before.records + 1);
    // Dividends may have come in between, so the difference is at most what was shown.
    expect(BigInt(before.spendable) - BigInt(after.spendable)).toBeLessThanOrEqual(
      BigInt(deposit) + BigInt(lent.fee),
    );
    expect(await send('hotkey child-take validator-1 5% --subnet 1', 'validator-1')).toContain(
      'staking.childTakeSet',
    );
    const shown = await cairn<{ takeBps: number; lending: { next: { children: object[] } } }>(
      'hotkey show validator-1 --subnet 1',
    );
    expect(shown).toMatchObject({ takeBps: 500, lending: { next: { children: [{}] } } });
  }, 60_000);

  it('changes a subnet, and announces and takes back its end', async () => {
    expect(await send('subnet create weather', 'owner')).toContain('subnets.created');
    expect(await send('subnet set 2 registrationsPerBlock=2,burnMin=0.001CAIRN', 'owner')).toContain(
      'subnets.hyperparametersSet',
    );
    const { hyperparameters } = await cairn<{ hyperparameters: { name: string; value: unknown }[] }>(
      'subnet hyperparameters 2',
    );
    expect(hyperparameters).toContainEqual(
      expect.objectContaining({ name: 'registrationsPerBlock', value: 2 }),
    );
    expect(hyperparameters).toContainEqual(expect.objectContaining({ name: 'burnMin', value: '1000000' }));
    await send('subnet dissolve 2', 'owner');
    expect(await cairn('subnet notices')).toMatchObject({ notices: [{ netuid: 2, challenge: null }] });
    await send('subnet cancel-dissolve 2', 'owner');
    expect(await cairn('subnet notices')).toEqual({ notices: [] });
  }, 60_000);

  it('delegates votes, which lock stake, and takes a proposal back', async () => {
    expect(await send('proposal delegate miner-1 --conviction 1', 'validator-2')).toContain(
      'governance.votesDelegated',
    );
    const [lock] = (await balanceOf('validator-2')).locks;
    expect(lock).toMatchObject({ votes: 1 });
    await send('proposal undelegate', 'validator-2');
    const created = await cairn<Sent>('proposal create Bytes --set feePerByte=101 --wallet owner --yes');
    const { proposal } = created.events.find(({ name }) => name === 'governance.proposed')!.data;
    expect(await send(`proposal cancel ${proposal}`, 'owner')).toContain('governance.cancelled');
  }, 60_000);

  it('names guardians, opens a channel, and has the hotkey of a role pay', async () => {
    await send('key guard gateway,miner-1 2', 'owner');
    expect(await cairn('key status owner')).toMatchObject({
      recovery: { next: { guardians: { threshold: 2 } } },
    });
    await send('key clear', 'owner');
    const opened = await cairn<Sent>('channel open miner-2 1 --subnet 1 --wallet miner-1 --yes');
    const { channel } = opened.events.find(({ name }) => name === 'channels.opened')!.data;
    expect(await send(`channel top-up ${channel} 0.5`, 'miner-1')).toContain('channels.toppedUp');
    await cairn('wallet send gateway 0.001 --from role:validator-1 --yes');
  }, 60_000);

  it('makes a hotkey of a wallet, gives it up and closes the account', async () => {
    await cairn('wallet create savings');
    await cairn('wallet send savings 5 --from owner --yes');
    expect(await send('hotkey add savings/1', 'savings')).toContain('staking.hotkeyAssociated');
    expect(await send('hotkey remove savings/1', 'savings')).toContain('staking.hotkeyDissociated');
    expect(await send('account close owner', 'savings')).toContain('accounts.closed');
  }, 60_000);
});
