import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountIdOf, accountIdToAddress, createEd25519Signer, createPureCrypto } from '@cairn/core';
import { multisigAccountOf } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { type FakeMethods, type FakeNode, startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const accountOf = (seed: number) => {
  const { publicKey } = createEd25519Signer(new Uint8Array(32).fill(seed));
  return accountIdOf(createPureCrypto(), 'ed25519', publicKey);
};
const OWNER = accountIdToAddress(accountOf(2));
const GATEWAY = accountIdToAddress(accountOf(3));
const VALIDATOR = accountIdToAddress(accountOf(4));
const sent = {
  id: 'ab'.repeat(32),
  height: 43,
  index: 0,
  ok: true,
  problem: null,
  fee: '21000',
  bytes: '',
  events: [{ name: 'some.event', data: { proposal: 'ff', at: 7 } }],
};
const methods: FakeMethods = {
  node_wallets: () => [
    { name: 'owner', address: OWNER },
    { name: 'gateway', address: GATEWAY },
  ],
  node_status: () => ({ roles: [{ name: 'validator-1', kind: 'validator', address: VALIDATOR, note: '' }] }),
  parameters_list: () => [
    { name: 'feePerByte', value: '100' },
    { name: 'feePerWork', value: '10' },
  ],
  accounts_get: () => null,
  subnets_list: () => ({ lockCost: '0', count: 1, subnets: [{ slot: '100' }] }),
  node_send: () => sent,
};
const transfer = JSON.stringify({ to: GATEWAY, amount: '5' });

/** Runs a command that spends and gives what the node was told to send. */
async function sentBy(node: FakeNode, words: readonly string[]) {
  const result = await run([...words, '--wallet', 'owner', '--yes', '--json', '--data', node.data]);
  expect(result.exitCode, `${words.join(' ')}: ${result.out}${result.err}`).toBe(0);
  return node.calls.findLast(({ method }) => method === 'node_send')?.params as {
    message: string;
    value: Record<string, unknown>;
  };
}

describe('cairn stake', () => {
  const position = { amount: '7000000000', shares: '7', deposit: '100000' };
  const staked: FakeMethods = {
    ...methods,
    pools_holdings: () => [{ netuid: 1, amount: '3000000000', deposit: '0' }],
    staking_positions: (params: never) =>
      (params as { after: unknown }).after === null ? [{ hotkey: VALIDATOR, ...position }] : [],
    staking_tokenPositions: (params: never) =>
      (params as { after: unknown }).after === null ? [{ netuid: 1, hotkey: VALIDATOR, ...position }] : [],
  };

  it('stakes CAIRN on root and tokens in a subnet, to a role by its name', async () => {
    await using node = await startFakeNode(staked);
    expect(await sentBy(node, ['stake', 'add', 'validator-1', '1.5'])).toMatchObject({
      message: 'staking.stake',
      value: { hotkey: VALIDATOR, amount: '1500000000' },
    });
    expect(await sentBy(node, ['stake', 'add', VALIDATOR, '2', '--subnet', '1'])).toMatchObject({
      message: 'staking.stakeTokens',
      value: { netuid: 1, hotkey: VALIDATOR, amount: '2000000000' },
    });
    expect(await sentBy(node, ['stake', 'remove', 'validator-1', 'all'])).toMatchObject({
      message: 'staking.unstake',
      value: { hotkey: VALIDATOR, amount: null },
    });
    const { out } = await run(['stake', 'list', 'owner', '--data', node.data]);
    expect(out).toMatch(/CAIRN on root +7\.000000000 +validator-1/);
    expect(out).toMatch(/tokens of subnet 1 +7\.000000000 +validator-1/);
  });

  it('says that there is no such hotkey, or no stake at it', async () => {
    await using node = await startFakeNode(staked);
    const words = ['--wallet', 'owner', '--yes', '--json', '--data', node.data];
    const unknown = await run(['stake', 'add', 'validator-9', '1', ...words]);
    expect(unknown.json()).toMatchObject({ error: { code: 'WALLET_UNKNOWN' } });
    const none = await run(['stake', 'remove', GATEWAY, 'all', ...words]);
    expect(none.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(node.calls.some(({ method }) => method === 'node_send')).toBe(false);
  });

  it('does not go round in circles when a node repeats its pages', async () => {
    await using node = await startFakeNode({
      ...staked,
      staking_positions: () => [{ hotkey: VALIDATOR, ...position }],
    });
    const result = await run(['stake', 'list', 'owner', '--json', '--data', node.data]);
    expect(result.json()).toMatchObject({ error: { code: 'ANSWER_MALFORMED', method: 'staking_positions' } });
  });
});

describe('cairn validator', () => {
  const roster = {
    totalPower: '300',
    bootstrapLeft: '100',
    leastStake: '1000000000',
    nextUpdateSlot: '360',
    nakamoto: 2,
    validators: [
      {
        validator: VALIDATOR,
        publicKey: '00'.repeat(32),
        origin: 'genesis',
        account: OWNER,
        power: '100',
        target: '50',
        isLeaving: false,
      },
    ],
  };

  it('lists power, target, and how few could stop the chain', async () => {
    await using node = await startFakeNode({ ...methods, validators_list: () => roster });
    const { out } = await run(['validator', 'list', '--data', node.data]);
    expect(out).toMatch(/genesis +100 +33\.33 % +50 +votes/);
    expect(out).toContain('Nakamoto coefficient): 2.');
    expect((await run(['validator', 'list', '--data', node.data, '--json'])).json()).toEqual(roster);
  });

  it('joins with a key file of either kind, which signs for the hotkey', async () => {
    await using node = await startFakeNode({ ...methods, validators_list: () => roster });
    const secret = new Uint8Array(32).fill(9);
    const files = {
      'consensus.key': `${Buffer.from(secret).toString('hex')}\n`,
      'priv_validator_key.json': JSON.stringify({
        priv_key: {
          type: 'tendermint/PrivKeyEd25519',
          value: Buffer.concat([secret, secret]).toString('base64'),
        },
      }),
    };
    const publicKey = Buffer.from(createEd25519Signer(secret).publicKey).toString('hex');
    for (const [name, text] of Object.entries(files)) {
      const path = join(node.data, name);
      await writeFile(path, text);
      expect(await sentBy(node, ['validator', 'join', '--consensus-key', path]), name).toMatchObject({
        message: 'validators.join',
        value: { consensusKey: { scheme: 'ed25519', publicKey } },
      });
    }
    const path = join(node.data, 'broken');
    await writeFile(path, '{"priv_key":7}');
    const words = ['validator', 'join', '--consensus-key', path, '--wallet', 'owner', '--yes', '--json'];
    const broken = await run([...words, '--data', node.data]);
    expect(broken.json()).toMatchObject({ error: { code: 'FILE_MALFORMED' } });
  });
});

describe('cairn tx send', () => {
  it('sends any message that fits its shape, and shows its events', async () => {
    await using node = await startFakeNode(methods);
    const words = ['tx', 'send', 'accounts.transfer', '--value', transfer, '--wallet', 'owner', '--yes'];
    const { out, err, exitCode } = await run([...words, '--data', node.data]);
    expect(exitCode).toBe(0);
    expect(err).toContain(`to      ${GATEWAY}`);
    expect(out).toContain('some.event  proposal=ff at=7');
    const piped = await run(
      ['tx', 'send', 'accounts.transfer', '--value', '-', ...words.slice(5), '--data', node.data],
      {
        input: transfer,
      },
    );
    expect(piped.exitCode).toBe(0);
  });

  it('refuses what is no message, no JSON or no such field, as misuse', async () => {
    const mistakes = [
      ['accounts.transfr', transfer, 'There are accounts.transfer'],
      ['accounts.transfer', '{', 'not JSON'],
      ['accounts.transfer', '{"to":"cairn1x","amount":"1"}', 'This is no accounts.transfer'],
      ['accounts.transfer', `{"to":"${GATEWAY}","amount":1}`, 'tx messages accounts.transfer'],
    ];
    for (const [message = '', value = '', expected = ''] of mistakes) {
      const result = await run([
        'tx',
        'send',
        message,
        '--value',
        value,
        '--wallet',
        'owner',
        '--data',
        '/nowhere',
      ]);
      expect(result.exitCode, value).toBe(2);
      expect(result.err, value).toContain(expected);
    }
  });

  it('lists the messages and the fields of one', async () => {
    expect((await run(['tx', 'messages'])).out).toContain('pools.buy');
    expect((await run(['tx', 'messages', 'pools.buy'])).out).toMatch(
      /limitPrice +decimal text or null, may be left out/,
    );
  });
});

describe('accounts that act together, for others, later', () => {
  it('sends several messages as one, from a file', async () => {
    await using node = await startFakeNode(methods);
    const path = join(node.data, 'batch.json');
    await writeFile(path, `[{"message":"accounts.transfer","value":${transfer}}]`);
    expect(await sentBy(node, ['account', 'batch', path])).toMatchObject({
      message: 'accounts.batch',
      value: { calls: [{ messageId: 1 }] },
    });
    await writeFile(path, '[{"message":7}]');
    const wrong = await run(['account', 'batch', path, '--wallet', 'owner', '--yes', '--data', node.data]);
    expect(wrong.exitCode).toBe(2);
  });

  it('approves only the call that was proposed, and brings it with the last approval', async () => {
    const members = [accountOf(2), accountOf(3)];
    const multisig = accountIdToAddress(multisigAccountOf(createPureCrypto(), { members, threshold: 2 }));
    const options = ['--members', 'owner,gateway', '--threshold', '2'];
    const proposals: object[] = [];
    await using node = await startFakeNode({
      ...methods,
      accounts_multisigProposals: (params: never) =>
        (params as { after: unknown }).after === null ? proposals : [],
    });
    const address = await run(['multisig', 'address', ...options, '--json', '--data', node.data]);
    expect(address.json()).toMatchObject({ address: multisig });
    const call = ['accounts.transfer', '--value', transfer];
    const first = await sentBy(node, ['multisig', 'propose', ...call, ...options]);
    expect(first).toMatchObject({
      message: 'accounts.approveMultisig',
      value: { call: null, proposal: null },
    });
    const id = 'cd'.repeat(32);
    proposals.push({
      proposal: id,
      callHash: first.value.callHash,
      approvals: [GATEWAY],
      expirySlot: '900',
      deposit: '1',
    });
    const last = await sentBy(node, ['multisig', 'approve', id, ...call, ...options]);
    expect(last.value).toMatchObject({ proposal: id, call: { messageId: 1 } });
    const other = JSON.stringify({ to: GATEWAY, amount: '6' });
    const words = ['multisig', 'approve', id, 'accounts.transfer', '--value', other, ...options];
    const refused = await run([...words, '--wallet', 'owner', '--yes', '--data', node.data]);
    expect(refused.exitCode).toBe(2);
    expect(refused.err).toContain('Approve only what you have seen');
  });

  it('names delegates, schedules calls and sets sub-keys', async () => {
    await using node = await startFakeNode(methods);
    expect(await sentBy(node, ['proxy', 'add', 'gateway', '--purpose', 'staking'])).toMatchObject({
      value: { delegate: GATEWAY, purpose: 'staking', delaySlots: 0 },
    });
    const call = ['accounts.transfer', '--value', transfer];
    expect(await sentBy(node, ['proxy', 'run', 'gateway', ...call])).toMatchObject({
      message: 'accounts.proxy',
    });
    expect(await sentBy(node, ['proxy', 'run', 'gateway', ...call, '--announce'])).toMatchObject({
      message: 'accounts.announceProxyCall',
    });
    expect(await sentBy(node, ['schedule', 'add', ...call, '--in', '5'])).toMatchObject({
      value: { slot: '105' },
    });
    const limits = ['--per-call', '0.1', '--per-day', '1', '--total', '2', '--slot', '900'];
    expect(await sentBy(node, ['subkey', 'set', 'gateway', ...limits])).toMatchObject({
      value: { key: GATEWAY, limits: { perCall: '100000000', expirySlot: '900', payees: [] } },
    });
    const wrong = await run([
      'proxy',
      'add',
      'gateway',
      '--purpose',
      'x',
      '--wallet',
      'owner',
      '--data',
      node.data,
    ]);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.err).toContain('A purpose is one of any, nonTransfer');
  });

  it('opens funds and gives at most what they lack', async () => {
    const fund = {
      fund: 1,
      creator: OWNER,
      owner: OWNER,
      name: 'weather',
      goal: '50000000000',
      minContribution: '1000000000',
      endSlot: '900',
      raised: '20000000000',
      contributors: 1,
      netuid: 0,
      surplus: '0',
      unpaid: '0',
      deposit: '1',
    };
    await using node = await startFakeNode({ ...methods, crowdfunding_get: () => fund });
    const open = ['fund', 'open', 'weather', '--goal', '50', '--min', '1', '--in', '800'];
    expect(await sentBy(node, open)).toMatchObject({
      value: { owner: OWNER, goal: '50000000000', endSlot: '900' },
    });
    const { err } = await run([
      'fund',
      'give',
      '1',
      '200',
      '--wallet',
      'owner',
      '--dry-run',
      '--data',
      node.data,
    ]);
    expect(err).toBe('');
    const dry = await run([
      'fund',
      'give',
      '1',
      '200',
      '--wallet',
      'owner',
      '--dry-run',
      '--json',
      '--data',
      node.data,
    ]);
    expect(dry.json()).toMatchObject({ amount: '30000000000', sent: false });
    expect((await run(['fund', 'show', '1', '--data', node.data])).out).toContain('20 CAIRN of 50 CAIRN');
  });
});
