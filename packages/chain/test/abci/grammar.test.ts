import { bytesToHex } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/index.ts';
import { alice, aTransfer, bob } from '../parts.ts';
import type { AbciClient } from './abci-client.ts';
import {
  type AbciTown,
  anAbci,
  blockRequest,
  initRequest,
  proposeRequest,
  votingGenesis,
} from './abci-town.ts';

/** One round of one height: whether this node proposes, sees another's proposal, or sees none. */
type Round = 'proposer' | 'foreign' | 'foreignMalformed' | 'silent';

interface Height {
  readonly rounds: readonly Round[];
  /** Transfers of each of two senders in the decided block. */
  readonly transfers: readonly [number, number];
  /** Where the connections break: then the handshake, and the block again when it is not on disk. */
  readonly breaks: 'never' | 'beforeFinalize' | 'afterFinalize' | 'afterCommit';
  readonly checks: number;
}

const heights: fc.Arbitrary<Height[]> = fc.array(
  fc.record({
    rounds: fc.array(fc.constantFrom<Round>('proposer', 'foreign', 'foreignMalformed', 'silent'), {
      maxLength: 3,
    }),
    transfers: fc.tuple(fc.nat(2), fc.nat(2)),
    breaks: fc.constantFrom('never', 'never', 'beforeFinalize', 'afterFinalize', 'afterCommit'),
    checks: fc.nat(2),
  }),
  { minLength: 1, maxLength: 6 },
);

/** The four connections of CometBFT. */
async function connectAll(town: AbciTown) {
  const [consensus, mempool, query, snapshot] = await Promise.all([1, 2, 3, 4].map(() => town.connect()));
  return { consensus: consensus!, mempool: mempool!, query: query!, snapshot: snapshot! };
}

async function transfersOf(counts: readonly [number, number], from: [bigint, bigint]): Promise<Uint8Array[]> {
  const txs: Promise<Uint8Array>[] = [];
  for (const [index, signer] of [alice, bob].entries()) {
    for (let n = 0; n < counts[index]!; n++)
      txs.push(aTransfer({ genesis: votingGenesis, from: signer, nonce: from[index]! + BigInt(n) }));
  }
  return Promise.all(txs);
}

/** Runs the heights as CometBFT would. Returns the root after each. */
async function drive(town: AbciTown, plan: readonly Height[]): Promise<string[]> {
  let links = await connectAll(town);
  const roots: string[] = [];
  const nonces: [bigint, bigint] = [0n, 0n];

  async function handshake(height: number, isCommitted: boolean): Promise<void> {
    await Promise.all(Object.values(links).map((link) => link.close()));
    links = await connectAll(town);
    const expected = isCommitted ? height : height - 1;
    expect((await links.query.ask('info', {})).lastBlockHeight).toBe(BigInt(expected));
    if (expected === 0) await links.consensus.ask('initChain', initRequest());
  }

  async function rounds(height: number, planned: readonly Round[], txs: Uint8Array[]): Promise<void> {
    for (const round of planned) {
      if (round === 'proposer') {
        const proposal = await links.consensus.ask('prepareProposal', proposeRequest(height, txs));
        const { status } = await links.consensus.ask('processProposal', blockRequest(height, proposal.txs));
        expect(status, 'its own proposal').toBe(1);
      } else if (round !== 'silent') {
        const foreign = round === 'foreign' ? [...txs].reverse() : [...txs, Uint8Array.of(9)];
        const { status } = await links.consensus.ask('processProposal', blockRequest(height, foreign));
        expect(status, round).toBe(round === 'foreign' ? 1 : 2);
      }
    }
  }

  await links.query.ask('info', {});
  await links.consensus.ask('initChain', initRequest());
  for (const [index, { rounds: planned, transfers, breaks, checks }] of plan.entries()) {
    const height = index + 1;
    const txs = await transfersOf(transfers, nonces);
    for (const tx of txs.slice(0, checks))
      expect((await links.mempool.ask('checkTx', { tx, type: 0 })).code).toBe(0);
    await rounds(height, planned, txs);
    if (breaks === 'beforeFinalize') await handshake(height, false);
    const decided = blockRequest(height, txs);
    let result = await links.consensus.ask('finalizeBlock', decided);
    if (breaks === 'afterFinalize') {
      await handshake(height, false);
      const again = await links.consensus.ask('finalizeBlock', decided);
      expect(bytesToHex(again.appHash)).toBe(bytesToHex(result.appHash));
      result = again;
    }
    await links.consensus.ask('commit', {});
    if (breaks === 'afterCommit') await handshake(height, true);
    nonces[0] += BigInt(transfers[0]);
    nonces[1] += BigInt(transfers[1]);
    expect(result.txResults.every(({ code }) => code === 0)).toBe(true);
    roots.push(bytesToHex(result.appHash));
  }
  await Promise.all(Object.values(links).map((link) => link.close()));
  return roots;
}

describe('every legal sequence of calls', () => {
  it('ends in the roots that the decided blocks alone give', async () => {
    await fc.assert(
      fc.asyncProperty(heights, async (plan) => {
        await using town = await anAbci();
        const roots = await drive(town, plan);
        await using plain = await anAbci();
        const bare = plan.map((height): Height => ({ ...height, rounds: [], breaks: 'never', checks: 0 }));
        expect(await drive(plain, bare)).toEqual(roots);
        expect(town.committed.map(({ header }) => Number(header.height))).toEqual(
          plan.map((_, at) => at + 1),
        );
        expect(town.faults).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

type Call = (client: AbciClient) => Promise<unknown>;
const init: Call = (client) => client.ask('initChain', initRequest());
const propose =
  (height: number): Call =>
  (client) =>
    client.ask('prepareProposal', proposeRequest(height, []));
const process =
  (height: number): Call =>
  (client) =>
    client.ask('processProposal', blockRequest(height));
const finalize =
  (height: number): Call =>
  (client) =>
    client.ask('finalizeBlock', blockRequest(height));
const commit: Call = (client) => client.ask('commit', {});

describe('a call out of order', () => {
  const cases: [name: string, legal: Call[], illegal: Call, why: string][] = [
    ['a block before the chain', [], finalize(1), 'initChain has not been called'],
    ['a proposal before the chain', [], propose(1), 'initChain has not been called'],
    ['a vote before the chain', [], process(1), 'initChain has not been called'],
    ['a commit of nothing', [init], commit, 'no block is finalized'],
    ['a block that skips one', [init], finalize(2), 'does not follow 0'],
    ['a block that was', [init, finalize(1), commit], finalize(1), 'does not follow 1'],
    ['a block before the last is committed', [init, finalize(1)], finalize(1), 'is not committed'],
    ['a proposal before the last is committed', [init, finalize(1)], propose(2), 'is not committed'],
    ['a vote before the last is committed', [init, finalize(1)], process(2), 'is not committed'],
    ['a second commit', [init, finalize(1), commit], commit, 'no block is finalized'],
    ['a chain in the middle of a block', [init, finalize(1)], init, 'a block is in hand'],
    ['a proposal for another height', [init], propose(5), 'does not follow 0'],
  ];
  for (const [name, legal, illegal, why] of cases) {
    it(`is refused and changes nothing: ${name}`, async () => {
      await using town = await anAbci({ store: createMemoryStore() });
      const client = await town.connect();
      for (const call of legal) await call(client);
      const before = town.application.info();
      await expect(illegal(client)).rejects.toThrow(why);
      await client.closed;
      expect(town.application.info()).toEqual(before);
      expect(town.faults).toEqual([]);
    });
  }

  it('is refused when another connection than the one of the block commits it', async () => {
    await using town = await anAbci();
    const [one, other] = [await town.connect(), await town.connect()];
    await init(one);
    await finalize(1)(one);
    await expect(commit(other)).rejects.toThrow('another connection');
    await commit(one);
    expect(town.application.info().height).toBe(1);
  });
});
