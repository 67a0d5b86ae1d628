import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountIdToAddress, createPureCrypto } from '@cairn/core';
import { multisigAccountOf } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { accountOf, GATEWAY, methods, OWNER, sentBy, transfer } from './economy-node.ts';
import { startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

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
    expect(await sentBy(node, ['delegate', 'add', 'gateway', '--purpose', 'staking'])).toMatchObject({
      value: { delegate: GATEWAY, purpose: 'staking', delaySlots: 0 },
    });
    const call = ['accounts.transfer', '--value', transfer];
    expect(await sentBy(node, ['delegate', 'run', 'gateway', ...call])).toMatchObject({
      message: 'accounts.proxy',
    });
    expect(await sentBy(node, ['delegate', 'run', 'gateway', ...call, '--announce'])).toMatchObject({
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
      'delegate',
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
