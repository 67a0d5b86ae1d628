import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountIdToAddress, createEd25519Signer } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { accountOf } from './economy-node.ts';
import { startFakeNode } from './fake-node.ts';
import { ID, OTHER, page, rich } from './rich-node.ts';
import { run } from './run.ts';

describe('what can be read', () => {
  it('shows a hotkey, and the hyperparameters of a subnet', async () => {
    await using node = await startFakeNode(rich);
    const shown = await run(['hotkey', 'show', 'validator-1', '--subnet', '2', '--data', node.data]);
    expect(shown.out).toMatch(/take +10 % of its stakers' dividends/);
    expect(shown.out).toContain(`50 % to ${OTHER}`);
    const listed = await run(['subnet', 'hyperparameters', '2', '--data', node.data]);
    expect(listed.out).toMatch(/burnMin +500000 +pebbles +0…1000000000000/);
  });

  it('takes no answer that is not one', async () => {
    const wrong: readonly [words: string, method: string][] = [
      ['status', 'emission_supply'],
      ['subnet list', 'subnets_list'],
      ['subnet notices', 'subnets_notices'],
      ['subnet hyperparameters 2', 'subnets_hyperparameters'],
      ['hotkey show validator-1', 'staking_hotkey'],
      ['proposal show 1', 'governance_proposal'],
      ['wallet balance owner', 'staking_unbonding'],
      ['wallet list', 'node_wallets'],
      [`tx show ${ID}`, 'chain_transaction'],
      ['block show', 'chain_block'],
      ['params', 'parameters_list'],
      ['account history owner', 'index_accountHistory'],
      ['audit --uid 0', 'node_audit'],
    ];
    for (const [text, method] of wrong) {
      await using node = await startFakeNode({
        ...rich,
        channels_list: page([]),
        node_channels: () => [],
        pools_list: () => [],
        subnets_claimable: () => [],
        [method]: () => ({ nothing: '\x1b[2J' }),
      });
      const result = await run([...text.split(' '), '--json', '--data', node.data]);
      expect(result.exitCode, text).toBe(1);
      expect(result.json(), text).toMatchObject({ error: { code: 'ANSWER_MALFORMED', method } });
    }
  });
});

describe('hotkeys of roles', () => {
  it('sign as role:validator-1, are listed, and never show their secret', async () => {
    const secret = new Uint8Array(32).fill(7);
    const submitted: string[] = [];
    const transaction = { id: ID, height: 9, fee: '1', events: [] };
    await using node = await startFakeNode({
      ...rich,
      chain_submit: (params: never) => {
        submitted.push((params as { transaction: string }).transaction);
        return { ok: true, id: ID };
      },
      chain_submitAndWait: () => ({ ok: true, transaction, problem: null }),
    });
    const folder = join(node.data, 'keys', 'validator-1');
    await mkdir(folder, { recursive: true });
    const hex = Buffer.from(secret).toString('hex');
    await writeFile(join(folder, 'hotkey.key'), `${hex}\n`, { mode: 0o600 });
    const address = accountIdToAddress(accountOf(7));
    const signed = ['--wallet', 'role:validator-1', '--yes', '--json', '--data', node.data];
    const sent = await run(['key', 'clear', ...signed]);
    expect(sent.json()).toMatchObject({ from: address, value: { account: address }, sent: true });
    const { publicKey } = createEd25519Signer(secret);
    expect(submitted[0]).toContain(Buffer.from(publicKey).toString('hex'));
    const listed = await run(['wallet', 'list', '--json', '--data', node.data]);
    expect(listed.json<{ wallets: object[] }>().wallets).toContainEqual({
      ...{ name: 'role:validator-1', kind: 'role', address },
    });
    expect(`${sent.out}${sent.err}${listed.out}${listed.err}`).not.toContain(hex);
    for (const name of ['role:validator-9', 'role:../validator-1', 'role:']) {
      const none = await run(['key', 'clear', '--wallet', name, '--yes', '--json', '--data', node.data]);
      expect(none.json(), name).toMatchObject({ error: { code: 'WALLET_UNKNOWN' } });
    }
  });
});
