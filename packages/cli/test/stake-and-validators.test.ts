import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountIdToAddress, createEd25519Signer } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { accountOf, GATEWAY, methods, OWNER, sentBy, transfer, VALIDATOR } from './economy-node.ts';
import { type FakeMethods, startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

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

  const lock = {
    netuid: 1,
    hotkey: VALIDATOR,
    locked: '5000000000',
    conviction: '1500000000',
    isPerpetual: true,
    isOwner: false,
    staked: '7000000000',
    free: '2000000000',
    deposit: '100000',
  };
  const other = accountIdToAddress(accountOf(9));
  const withLocks: FakeMethods = {
    ...staked,
    parameters_list: () => [
      { name: 'feePerByte', value: '100' },
      { name: 'feePerWork', value: '10' },
      { name: 'stakeUnlockSlots', value: '1000000' },
      { name: 'slotMs', value: '12000' },
    ],
    staking_locks: (params: never) => ((params as { after: unknown }).after === null ? [lock] : []),
    staking_convictions: (params: never) =>
      (params as { after: unknown }).after === null
        ? [
            { hotkey: other, locked: '9000000000', conviction: '1', locks: 1 },
            { hotkey: VALIDATOR, locked: '5000000000', conviction: '1500000000', locks: 2 },
          ]
        : [],
  };

  it('locks stake and says when it becomes free, unlocks it, and lists what is locked', async () => {
    await using node = await startFakeNode(withLocks);
    const words = ['stake', 'lock', 'validator-1', 'all', '--subnet', '1'];
    expect(await sentBy(node, words)).toMatchObject({
      message: 'staking.lockStake',
      value: { netuid: 1, hotkey: VALIDATOR, amount: '2000000000', isPerpetual: false },
    });
    const dry = await run([...words, '--perpetual', '--wallet', 'owner', '--dry-run', '--data', node.data]);
    expect(dry.out).toMatch(/locked so far +5 tokens/);
    expect(dry.out).toContain("from 'stake unlock' on: half of it in 693147 slots (96 days)");
    expect(dry.out).toContain('Not sent');
    expect(await sentBy(node, ['stake', 'unlock', 'validator-1', '--subnet', '1'])).toMatchObject({
      message: 'staking.unlock',
      value: { netuid: 1, hotkey: VALIDATOR },
    });
    const mine = await run(['stake', 'locks', 'owner', '--data', node.data]);
    expect(mine.err).toBe('');
    expect(mine.out).toMatch(
      /validator-1 +7\.000000000 +5\.000000000 +2\.000000000 +1\.500000000 +perpetual/,
    );
    const all = await run(['stake', 'locks', '--subnet', '1', '--json', '--data', node.data]);
    expect(all.json()).toMatchObject({
      netuid: 1,
      hotkeys: [{ hotkey: VALIDATOR, locks: 2 }, { hotkey: other }],
    });
  });

  it('says that nothing is locked there, and wants either an account or a subnet', async () => {
    await using node = await startFakeNode({ ...withLocks, staking_locks: () => [] });
    const words = ['stake', 'unlock', 'validator-1', '--subnet', '1', '--wallet', 'owner', '--yes', '--json'];
    const none = await run([...words, '--data', node.data]);
    expect(none.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    for (const named of [[], ['owner', '--subnet', '1']]) {
      const misused = await run(['stake', 'locks', ...named, '--data', node.data]);
      expect(misused.exitCode).toBe(2);
    }
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
        isJailed: false,
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

  it('shows why a validator is jailed', async () => {
    const conduct = {
      validator: VALIDATOR,
      entry: { ...roster.validators[0], power: '90', target: '0', isJailed: true },
      isJailed: true,
      isTombstoned: true,
      jailedUntil: null,
      missedVotes: 3,
      faults: [{ kind: 'duplicateVote', height: '41', slot: '97', slashed: '5000000000' }],
    };
    await using node = await startFakeNode({ ...methods, validators_show: () => conduct });
    const words = ['validator', 'show', VALIDATOR, '--data', node.data];
    const { out } = await run(words);
    expect(out).toContain('jailed for good: it signed twice');
    expect(out).toMatch(/signed two blocks at one height +41 +97 +5 CAIRN/);
    expect((await run([...words, '--json'])).json()).toEqual(conduct);
  });

  it('asks for the votes of a jailed validator', async () => {
    await using node = await startFakeNode({ ...methods, validators_list: () => roster });
    expect(await sentBy(node, ['validator', 'unjail', VALIDATOR])).toMatchObject({
      message: 'validators.unjail',
      value: { validator: VALIDATOR },
    });
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
