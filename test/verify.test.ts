import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accountIdToAddress,
  bytesToHex,
  createSparseMerkleTree,
  encode,
  hashStateKey,
  stateProof,
} from '@cairn/core';
import { type Proposal, proposals } from '@cairn/ledger';
import { headerHash, lightBlockShape } from '@cairn/protocol';
import { proposalStateKey } from '@cairn/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFakeNode } from '../packages/cli/test/fake-node.ts';
import { run } from '../packages/cli/test/run.ts';
import { LIES } from '../packages/node/test/light/lies.ts';
import {
  accountOf,
  aLyingNode,
  alice,
  aSigner,
  crypto,
  type LyingNode,
} from '../packages/node/test/light/lying-node.ts';
import { aLightBlock } from '../packages/sdk/test/light/test-chain.ts';

const ALICE = accountIdToAddress(accountOf(alice));

async function aDataFolder(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'cairn-verify-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return data;
}

/** A chain whose blocks are of now. */
async function aFreshNode(options: { readonly chainName?: string } = {}): Promise<LyingNode> {
  const node = await aLyingNode({ ...options, startMs: Date.now() - 30_000 });
  onTestFinished(() => node[Symbol.asyncDispose]());
  await node.blocks(12);
  return node;
}

/** Words that name a header that is trusted. */
async function trustFlags(node: LyingNode, height = 2): Promise<string[]> {
  const { hash } = await node.trusted(height);
  return ['--trust-height', String(height), '--trust-hash', bytesToHex(hash)];
}

const balanceOf = (data: string, ...more: string[]) =>
  run(['verify', 'balance', ALICE, '--data', data, ...more]);

describe('cairn verify', () => {
  it('shows a balance with what is proved, trusted and not protected', async () => {
    const [data, node] = [await aDataFolder(), await aFreshNode()];
    const result = await balanceOf(data, '--from', node.url, ...(await trustFlags(node)));
    expect([result.exitCode, result.err]).toEqual([0, '']);
    expect(result.out).toMatch(/spendable +999\.9998 CAIRN/);
    expect(result.out).toMatch(/height +11\nheader +12 /);
    expect(result.out).toMatch(/signed by +the operator\n/);
    expect(result.out).toMatch(/begun from +2 .* \(you named it\)/);
    for (const part of ['proved  ', 'trusted  ', 'not protected  ']) expect(result.out).toContain(part);
    const json = await balanceOf(data, '--from', node.url, ...(await trustFlags(node)), '--json');
    expect(json.json()).toMatchObject({
      address: ALICE,
      account: { spendable: '999999800000' },
      height: '11',
      header: { height: '12' },
      signedBy: { kind: 'operator', count: 1 },
      trusted: { kind: 'given', height: '2' },
    });
  });

  it('goes on from what it verified before, and says so', async () => {
    const [data, node] = [await aDataFolder(), await aFreshNode()];
    await balanceOf(data, '--from', node.url, ...(await trustFlags(node)));
    expect(await readdir(join(data, 'light'))).toHaveLength(1);
    await node.blocks(3);
    const again = await balanceOf(data, '--from', node.url, '--json');
    expect(again.json()).toMatchObject({ header: { height: '15' }, trusted: { kind: 'kept', height: '12' } });
    node.lie(LIES['an account that has more']!.lie);
    expect((await balanceOf(data, '--from', node.url)).exitCode).toBe(1);
  });

  it('believes its own node on first use and says so, and no stranger', async () => {
    const [data, node] = [await aDataFolder(), await aFreshNode()];
    const stranger = await balanceOf(data, '--from', node.url);
    expect(stranger).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('Nothing of this chain is trusted'),
    });
    await node.listenAt(join(data, 'cairn.sock'));
    const own = await balanceOf(data);
    expect(own.err).toBe('');
    expect(own.out).toMatch(/begun from +12 .*on first use: whoever runs that node was believed/);
    await node.blocks(2);
    expect((await balanceOf(data, '--from', node.url, '--json')).json()).toMatchObject({
      trusted: { kind: 'kept', height: '12' },
    });
  });

  it('proves that there is none, and shows any value', async () => {
    const [data, node] = [await aDataFolder(), await aFreshNode()];
    const trust = ['--from', node.url, ...(await trustFlags(node))];
    const nobody = accountIdToAddress(accountOf(aSigner('nobody')));
    const none = await run(['verify', 'balance', nobody, '--data', data, ...trust, '--json']);
    expect(none.json()).toMatchObject({ address: nobody, account: null });
    const key = `accounts/account/${bytesToHex(accountOf(alice))}`;
    const value = await run(['verify', 'value', key, '--data', data, ...trust, '--json']);
    expect(value.json()).toMatchObject({ key, decoded: { spendable: '999999800000' } });
    const grant = await run(['verify', 'grant', '1', '--data', data, ...trust]);
    expect(grant).toMatchObject({ exitCode: 1, err: expect.stringContaining('no proposal 1') });
    const model = await run(['verify', 'model', 'cairn/crontab', '--data', data, ...trust]);
    expect(model).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('It is proved that there is no model'),
    });
  });

  it('shows a grant and where it stands, signed by many', async () => {
    const none = { capital: 0n, weight: 0n };
    const milestone = { amount: 5_000_000_000n, deadlineSlot: 1_000n, confirmations: [] };
    const proposal: Proposal = {
      ...{ kind: 'grant', proposer: accountOf(alice), title: 'A better parser', description: '' },
      ...{ changes: [], pause: null, council: null, state: 'enacted' },
      grant: {
        payee: accountOf(aSigner('maker')),
        milestones: [
          { ...milestone, state: 'paid' },
          { ...milestone, state: 'planned' },
        ],
      },
      ...{ openedSlot: 1n, votingEndSlot: 2n, enactSlot: 3n, votesFor: none, votesAgainst: none, votes: 0 },
      ...{ bond: 0n, recordDeposit: 0n, cancels: [], delays: [], isDelayed: false },
    };
    const isPaid = {
      ...proposal,
      grant: { ...proposal.grant!, milestones: [{ ...milestone, state: 'paid' as const }] },
    };
    const key = proposalStateKey(7);
    let said: Proposal | null = proposal;
    const tree = createSparseMerkleTree(crypto);
    const value = encode(proposals.table.shape, proposal);
    tree.update(hashStateKey(crypto, key), crypto.sha256(value));
    const appHash = tree.commit();
    const powers = { 1: 10, 2: 10, 3: 10, 4: 10 };
    const now = Math.floor(Date.now() / 1_000);
    const blocks = [1, 2, 3].map((height) =>
      aLightBlock({ height, powers, voters: [1, 2, 4], seconds: now - 30 + height, appHash }),
    );
    await using node = await startFakeNode({
      chain_lightBlock: ({ height = 3 }: { height?: number }) => lightBlockShape.toJson(blocks[height - 1]!),
      chain_proof: (asked: { key: string; height: number }) => ({
        ...{ ...asked, appHash: bytesToHex(appHash) },
        value:
          asked.key.startsWith('governance/') && said !== null
            ? bytesToHex(encode(proposals.table.shape, said))
            : null,
        // Of proposal 8 it says what is so of 7.
        proof: stateProof.toJson(
          tree.prove(hashStateKey(crypto, asked.key.startsWith('governance/') ? key : asked.key)),
        ),
      }),
    });
    const trust = ['--trust-height', '1', '--trust-hash', bytesToHex(headerHash(crypto, blocks[0]!.header))];
    const { out, err } = await run(['verify', 'grant', '7', '--data', node.data, ...trust]);
    expect(err).toBe('');
    expect(out).toMatch(/proposal +7, enacted\n/);
    expect(out).toMatch(/milestone 1 +5 CAIRN, paid, until slot 1,000\nmilestone 2 +5 CAIRN, planned/);
    expect(out).toMatch(/signed by +validators with more than two thirds of the power, of 4\n/);
    for (const lie of [isPaid, null]) {
      said = lie;
      const refused = await run(['verify', 'grant', '7', '--data', node.data, ...trust, '--json']);
      expect(refused.json()).toMatchObject({ error: { code: 'LIGHT_VALUE_REFUSED' } });
    }
    said = proposal;
    const other = await run(['verify', 'grant', '8', '--data', node.data, ...trust, '--json']);
    expect(other.json()).toMatchObject({ error: { code: 'LIGHT_VALUE_REFUSED' } });
  });

  for (const [what, { lie, code }] of Object.entries(LIES)) {
    it(`refuses ${what}`, async () => {
      const [data, node] = [await aDataFolder(), await aFreshNode()];
      const trust = await trustFlags(node);
      node.lie(lie);
      const result = await balanceOf(data, '--from', node.url, ...trust, '--json');
      expect(result.exitCode).toBe(1);
      expect(result.json()).toMatchObject({ error: { code } });
      expect(result.err).toMatch(/^cairn: .{40,}\n$/);
    });
  }

  it('says which witnesses have the same header', async () => {
    const [data, node, witness] = [await aDataFolder(), await aFreshNode(), await aFreshNode()];
    const trust = ['--from', node.url, ...(await trustFlags(node))];
    witness.lie((method, result) => (method === 'chain_lightBlock' ? null : result));
    const behind = await balanceOf(data, ...trust, '--witness', witness.url);
    expect(behind.out).toContain(`${witness.url}/rpc has no such header yet`);
    const trustedNewest = ['--from', node.url, ...(await trustFlags(node, 12))];
    const same = await balanceOf(data, ...trustedNewest, '--witness', node.url);
    expect(same.out).toContain(`${node.url}/rpc has the same header`);
    const both = await balanceOf(data, ...trust, '--witness', node.url, '--json');
    expect(both.json()).toMatchObject({ witnesses: [{ name: `${node.url}/rpc`, agrees: true }] });
  });

  it('refuses another chain, a witness that disagrees, and what is typed wrongly', async () => {
    const [data, node] = [await aDataFolder(), await aFreshNode()];
    const other = await aFreshNode({ chainName: 'cairn-other' });
    const trust = await trustFlags(node);
    const wrongChain = await balanceOf(data, '--from', other.url, ...trust, '--json');
    expect(wrongChain.json()).toMatchObject({ error: { code: 'LIGHT_HEADER_UNKNOWN' } });
    const witness = await balanceOf(data, '--from', node.url, ...trust, '--witness', other.url, '--json');
    expect(witness.json()).toMatchObject({ error: { code: 'LIGHT_CONFLICT' } });
    for (const words of [
      ['--from', node.url, '--trust-height', '2'],
      ['--from', node.url, '--trust-height', '2', '--trust-hash', 'abc'],
      ['--from', 'ftp://node', ...trust],
      ['--from', node.url, ...trust, '--max-age', 'soon'],
    ])
      expect((await balanceOf(data, ...words)).exitCode, words.join(' ')).toBe(2);
  });
});
