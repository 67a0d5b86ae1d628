import { accountIdOf, accountIdToAddress, createEd25519Signer, createPureCrypto } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { type FakeMethods, startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const crypto = createPureCrypto();
const addressOf = (seed: number) =>
  accountIdToAddress(
    accountIdOf(crypto, 'ed25519', createEd25519Signer(new Uint8Array(32).fill(seed)).publicKey),
  );
const GATEWAY = addressOf(2);
const MINER = addressOf(3);

const parameters = [
  { name: 'feePerByte', value: '100' },
  { name: 'feePerWork', value: '10' },
];
const sent = {
  id: 'ab'.repeat(32),
  height: 43,
  index: 0,
  ok: true,
  problem: null,
  fee: '21000',
  bytes: '',
  events: [],
};
const methods: FakeMethods = {
  node_wallets: () => [
    { name: 'gateway', address: GATEWAY },
    { name: 'miner-1', address: MINER },
  ],
  node_status: () => ({ roles: [] }),
  parameters_list: () => parameters,
  accounts_get: () => null,
  node_send: () => sent,
};
const send = ['wallet', 'send', 'miner-1', '1.5', '--from', 'gateway'];

describe('commands that spend', () => {
  it('shows how much goes to whom with which fee, and sends after a yes', async () => {
    await using node = await startFakeNode(methods);
    const { exitCode, out, err } = await run([...send, '--data', node.data], { answers: ['y'] });
    expect(exitCode).toBe(0);
    expect(err).toContain('1.5 CAIRN');
    expect(err).toContain(`miner-1 ${MINER}`);
    expect(err).toContain(`gateway ${GATEWAY}`);
    expect(err).toMatch(/fee +0\.0\d+ CAIRN/);
    expect(out).toBe(`Done in block 43: transaction ${sent.id}, fee 0.000021 CAIRN.\n`);
    expect(node.calls.filter(({ method }) => method === 'node_send')).toEqual([
      {
        method: 'node_send',
        params: {
          wallet: 'gateway',
          message: 'accounts.transfer',
          value: { to: MINER, amount: '1500000000' },
        },
      },
    ]);
  });

  it('sends nothing without a yes, without a terminal, and on a dry run', async () => {
    await using node = await startFakeNode(methods);
    const refused = await run([...send, '--data', node.data], { answers: ['n'] });
    expect(refused).toMatchObject({ exitCode: 1, out: '' });
    const unasked = await run([...send, '--data', node.data, '--json']);
    expect(unasked.exitCode).toBe(2);
    expect(unasked.json()).toMatchObject({ error: { code: 'CONFIRMATION_NEEDED' } });
    const dry = await run([...send, '--data', node.data, '--dry-run', '--json']);
    expect(dry.exitCode).toBe(0);
    expect(dry.json()).toMatchObject({ message: 'accounts.transfer', amount: '1500000000', sent: false });
    expect(node.calls.some(({ method }) => method === 'node_send')).toBe(false);
  });

  it('prints one object of what was sent with --yes --json', async () => {
    await using node = await startFakeNode(methods);
    const { json } = await run([...send, '--data', node.data, '--yes', '--json']);
    expect(json()).toMatchObject({
      from: GATEWAY,
      amount: '1500000000',
      fee: '21000',
      sent: true,
      transaction: sent.id,
    });
  });

  it('names a wallet that there is not', async () => {
    await using node = await startFakeNode(methods);
    const result = await run([
      'wallet',
      'send',
      'miner-1',
      '1',
      '--from',
      'nobody',
      '--data',
      node.data,
      '--json',
      '--yes',
    ]);
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({ error: { code: 'WALLET_UNKNOWN' } });
  });

  it('signs with a wallet of the folder, opened with its passphrase', async () => {
    await using node = await startFakeNode({
      ...methods,
      chain_submit: () => ({ ok: true, id: sent.id }),
      chain_submitAndWait: () => ({ ok: true, id: sent.id, problem: null, transaction: sent }),
    });
    const environment = { CAIRN_PASSPHRASE: 'a long enough one' };
    await run(['wallet', 'create', 'savings', '--data', node.data], { environment });
    const words = ['wallet', 'send', 'miner-1', '1.5', '--from', 'savings', '--yes', '--data', node.data];
    expect(await run(words, { environment })).toMatchObject({ exitCode: 0 });
    expect(node.calls.map(({ method }) => method)).toContain('chain_submitAndWait');
    const wrong = await run([...words, '--json'], { environment: { CAIRN_PASSPHRASE: 'a wrong long one' } });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.json()).toMatchObject({ error: { code: 'KEYSTORE_WRONG_PASSPHRASE' } });
  });

  it('registers the first hotkey of a wallet and makes the wallet its owner before', async () => {
    const submitted: string[] = [];
    let isAssociated = false;
    await using node = await startFakeNode({
      ...methods,
      subnets_get: () => ({
        ...{ netuid: 1, name: 'crontab', owner: GATEWAY, price: '120000000', neuronCount: 4 },
        ...{ pending: '0', epoch: 1, nextEpochSlot: '9', slot: '3', hyperparameters: {} },
        ...{ mechanisms: [{ part: 65_535 }], announcedParts: [] },
      }),
      staking_hotkey: () => (isAssociated ? { takeBps: 0 } : null),
      chain_submit: (params: never) => {
        submitted.push((params as { transaction: string }).transaction);
        return { ok: true, id: sent.id };
      },
      chain_submitAndWait: () => ({ ok: true, id: sent.id, problem: null, transaction: sent }),
    });
    const environment = { CAIRN_PASSPHRASE: 'a long enough one' };
    await run(['wallet', 'create', 'savings', '--data', node.data], { environment });
    const words = ['subnet', 'register', '1', '--wallet', 'savings', '--yes', '--json', '--data', node.data];
    const first = await run(words, { environment });
    expect(first.json()).toMatchObject({ amount: '120000000', fee: '42000', sent: true });
    expect(submitted).toHaveLength(2);
    isAssociated = true;
    const again = await run(words, { environment });
    expect(again.json()).toMatchObject({ fee: '21000' });
    const nodes = await run(['subnet', 'register', '1', '--wallet', 'gateway', '--yes', '--data', node.data]);
    expect(nodes.exitCode).toBe(2);
    expect(nodes.err).toContain('Name one with --hotkey');
  });
});
