import { bytesToHex, compareBytes } from '@cairn/core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, type ModelCard, models, soldArtifactOf, soldArtifacts } from '../../src/index.ts';
import { aChain, aKey, CAIRN, type TestChain, type TestKey, testCrypto } from '../support/chain.ts';
import { aClaim, openChannel } from '../support/channels.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aCard, anArtifact, idOf } from '../support/registry.ts';

const [payer, payee, alice, bob, carol] = [1, 2, 3, 4, 5].map(aKey) as [
  TestKey,
  TestKey,
  TestKey,
  TestKey,
  TestKey,
];
let chain: TestChain;
beforeEach(() => {
  chain = aChain({ funded: [payer, payee, alice, bob, carol], parameters: { royaltyTailSlots: 20n } });
});

const publish = (owner: TestKey, card: ModelCard) => chain.send(owner, 'registry.publishModel', { card });
const retire = (owner: TestKey, card: ModelCard) =>
  chain.send(owner, 'registry.retireModel', { model: idOf(card) });
const clear = (card: ModelCard, from = payer) =>
  chain.send(from, 'registry.clearRoyalties', { model: idOf(card), artifact: card.artifacts[0]!.sha256 });
const soldOf = (card: ModelCard, n = 0) =>
  soldArtifactOf(testCrypto, { model: idOf(card), artifact: card.artifacts[n]!.sha256 });
/** A model of one file, which its number makes unlike others. */
const aModel = (owner: TestKey, number: number, royaltyBps: number, parents: ModelCard[] = []) =>
  aCard(owner, {
    name: `people/model-${number}`,
    artifacts: [anArtifact(number)],
    royaltyBps,
    parents: parents.map(idOf),
  });
/** Claims so much for these models from a new channel, and tells what each account got by it. */
async function claimFor(sold: readonly (readonly [card: ModelCard, amount: bigint])[]) {
  const cumulative = sold.reduce((sum, [, amount]) => sum + amount, 0n);
  const channel = openChannel(chain, payer, payee, cumulative);
  const totals = sold
    .map(([card, amount]) => ({ artifact: soldOf(card), amount }))
    .sort((one, other) => compareBytes(one.artifact, other.artifact));
  const before = [payee, alice, bob, carol].map((key) => chain.spendable(key));
  const message = await aClaim(chain, channel, payer, cumulative, { totals });
  const { results } = chain.block([{ from: payee, name: 'channels.claim', message }]);
  expect(results[0]!.problem).toBe(null);
  const after = [payee, alice, bob, carol].map((key) => chain.spendable(key));
  const [toPayee, toAlice, toBob, toCarol] = after.map((amount, n) => amount - before[n]!) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { toPayee: toPayee + results[0]!.fee, toAlice, toBob, toCarol, events: results[0]!.events };
}

describe('royalties at a claim', () => {
  it('go to the owner of the model and to those of its whole lineage, each model once', async () => {
    const root = aModel(alice, 1, 1_000);
    const left = aModel(bob, 2, 500, [root]);
    const right = aModel(bob, 3, 0, [root]);
    const child = aModel(carol, 4, 200, [left, right]);
    for (const [owner, card] of [
      [alice, root],
      [bob, left],
      [bob, right],
      [carol, child],
    ] as const)
      expect(publish(owner, card)).toBe(null);
    const { toPayee, toAlice, toBob, toCarol, events } = await claimFor([[child, CAIRN]]);
    expect([toAlice, toBob, toCarol]).toEqual([CAIRN / 10n, CAIRN / 20n, CAIRN / 50n]);
    expect(toPayee).toBe((CAIRN * (100n - 5n - 17n)) / 100n);
    const paid = events.filter(({ name }) => name === 'channels.royaltyPaid');
    expect(paid).toHaveLength(3);
    expect(events.find(({ name }) => name === 'channels.claimed')?.data).toMatchObject({
      burned: '50000000',
      royalties: '170000000',
      net: '780000000',
    });
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('are paid for what is new in a claim only, and for nothing that is no registered model', async () => {
    const card = aModel(alice, 1, 1_000);
    publish(alice, card);
    const channel = openChannel(chain, payer, payee);
    const claim = async (amount: bigint) => {
      const totals = [{ artifact: soldOf(card), amount }];
      const before = chain.spendable(alice);
      const message = await aClaim(chain, channel, payer, amount, { totals });
      expect(chain.send(payee, 'channels.claim', message)).toBe(null);
      return chain.spendable(alice) - before;
    };
    expect(await claim(1_000n)).toBe(100n);
    expect(await claim(1_009n)).toBe(0n);
    expect(await claim(2_009n)).toBe(100n);
    const before = chain.spendable(alice);
    const other = openChannel(chain, payer, payee);
    const bare = [{ artifact: card.artifacts[0]!.sha256, amount: CAIRN }];
    const plain = await aClaim(chain, other, payer, CAIRN, { totals: bare });
    expect(chain.send(payee, 'channels.claim', plain)).toBe(null);
    expect(chain.spendable(alice)).toBe(before);
  });

  it('are not taken by a card of somebody else that names the same file, nor avoided by it', async () => {
    const real = aModel(alice, 1, 1_000);
    const copy = { ...aModel(bob, 1, 5_000), name: 'bob/copy' };
    expect(publish(bob, copy)).toBe(null);
    expect(publish(alice, real)).toBe(null);
    const { toAlice, toBob } = await claimFor([[real, CAIRN]]);
    expect([toAlice, toBob]).toEqual([CAIRN / 10n, 0n]);
  });

  it('pay the coldkey of an owner that is a hotkey, and stay with the payee when an owner is gone', async () => {
    const card = aModel(alice, 1, 1_000);
    publish(alice, card);
    retire(alice, card);
    const gone = soldArtifacts.get(chain.view, bytesToHex(soldOf(card)))!;
    expect(gone.royalties).toHaveLength(1);
    chain.advance(25);
    expect(clear(card)).toBe(null);
    const parent = aModel(alice, 2, 1_000);
    const child = aModel(bob, 3, 0, [parent]);
    publish(alice, parent);
    publish(bob, child);
    retire(alice, parent);
    chain.advance(25);
    expect(clear(parent)).toBe(null);
    expect(chain.send(alice, 'accounts.close', { beneficiary: bob.account })).toBe(null);
    const { toPayee } = await claimFor([[child, 10_000n]]);
    expect(toPayee).toBe(9_500n);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('go on for a while after a model is retired, so that a payee who owns it cannot skip its parents', async () => {
    const parent = aModel(alice, 1, 1_000);
    const child = aModel(payee, 2, 0, [parent]);
    publish(alice, parent);
    publish(payee, child);
    expect(retire(payee, child)).toBe(null);
    expect((await claimFor([[child, CAIRN]])).toAlice).toBe(CAIRN / 10n);
    expect(clear(child)).toBe('ROYALTIES_DUE');
    expect(publish(payee, child)).toBe(null);
    chain.advance(30);
    expect((await claimFor([[child, CAIRN]])).toAlice).toBe(CAIRN / 10n);
    expect(clear(child)).toBe('ROYALTIES_DUE');
    retire(payee, child);
    chain.advance(30);
    expect((await claimFor([[child, CAIRN]])).toAlice).toBe(0n);
    expect(clear(child)).toBe(null);
    expect(clear(child)).toBe('ROYALTIES_UNKNOWN');
    expect(accounts.get(chain.view, payee.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('of a child go on when its parent is retired', async () => {
    const parent = aModel(alice, 1, 1_000);
    const child = aModel(bob, 2, 0, [parent]);
    publish(alice, parent);
    publish(bob, child);
    retire(alice, parent);
    chain.advance(30);
    expect((await claimFor([[child, CAIRN]])).toAlice).toBe(CAIRN / 10n);
  });

  it('neither make nor lose a pebble, whatever the lineage, the amounts and the burn', async () => {
    const share = fc.integer({ min: 0, max: 5_000 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ bps: share, parents: fc.array(fc.nat(7), { maxLength: 3 }), owner: fc.nat(2) }),
          {
            minLength: 1,
            maxLength: 8,
          },
        ),
        fc.array(fc.bigInt(0n, 3n * CAIRN), { minLength: 8, maxLength: 8 }),
        fc.bigInt(0n, 5_000n),
        async (lineage, amounts, channelBurnBps) => {
          chain = aChain({ funded: [payer, payee, alice, bob, carol], parameters: { channelBurnBps } });
          const cards: ModelCard[] = [];
          for (const [n, { bps, parents, owner }] of lineage.entries()) {
            const key = [alice, bob, carol][owner]!;
            const above = [...new Set(parents)].flatMap((at) => cards[at] ?? []);
            const card = aModel(key, n + 1, bps, above);
            const refused = publish(key, card);
            expect([null, 'ROYALTIES_TOO_HIGH']).toContain(refused);
            if (refused === null) cards.push(card);
          }
          const sold = cards
            .map((card, n) => [card, amounts[n]!] as const)
            .filter(([, amount]) => amount > 0n);
          if (sold.length === 0) return;
          const gross = sold.reduce((sum, [, amount]) => sum + amount, 0n);
          const { burned } = chain.supply();
          const { toPayee, toAlice, toBob, toCarol } = await claimFor(sold);
          const newlyBurned = chain.supply().burned - burned;
          expect(toPayee + toAlice + toBob + toCarol + newlyBurned).toBe(gross);
          expect(toPayee >= 0n).toBe(true);
          expect((toAlice + toBob + toCarol) * 2n <= gross).toBe(true);
          expect(brokenInvariants(chain)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('a lineage that asks too much', () => {
  it('is refused: what parents take comes first, and nobody dilutes it', () => {
    const parent = aModel(alice, 1, 4_000);
    publish(alice, parent);
    expect(publish(bob, aModel(bob, 2, 1_001, [parent]))).toBe('ROYALTIES_TOO_HIGH');
    const child = aModel(bob, 2, 1_000, [parent]);
    expect(publish(bob, child)).toBe(null);
    expect(publish(carol, aModel(carol, 3, 1, [child]))).toBe('ROYALTIES_TOO_HIGH');
    expect(publish(carol, aModel(carol, 3, 0, [child]))).toBe(null);
    const other = aModel(carol, 4, 2_000);
    publish(carol, other);
    expect(publish(carol, aModel(carol, 5, 0, [parent, other]))).toBe('ROYALTIES_TOO_HIGH');
    expect(accounts.get(chain.view, carol.account)!.records).toBe(4);
  });

  it('pays at most sixteen models', () => {
    let parent: ModelCard | null = null;
    for (let n = 1; n <= 16; n += 1) {
      const card: ModelCard = aModel(alice, n, 1, parent === null ? [] : [parent]);
      expect(publish(alice, card), `model ${n}`).toBe(null);
      parent = card;
    }
    expect(publish(alice, aModel(alice, 17, 1, [parent!]))).toBe('ROYALTIES_FULL');
    expect(publish(alice, aModel(alice, 17, 0, [parent!]))).toBe(null);
    expect(models.get(chain.view, bytesToHex(idOf(parent!)))!.royalties).toHaveLength(16);
  });
});

describe('the deposit of royalties', () => {
  it('covers all bytes they keep, and comes back to who paid it whoever clears them', () => {
    const parent = aModel(alice, 1, 1_000);
    publish(alice, parent);
    const sizeOf = () =>
      [...chain.store].reduce(
        (sum, [key, value]) => sum + (key.startsWith('registry/') ? key.length + value.length : 0),
        0,
      );
    const [size, before] = [sizeOf(), chain.spendable(bob)];
    const child = aCard(bob, {
      name: 'bob/child',
      royaltyBps: 1,
      parents: [idOf(parent)],
      artifacts: Array.from({ length: 16 }, (_, n) => anArtifact(n + 1, `${n}.gguf`)),
    });
    const { results } = chain.block([{ from: bob, name: 'registry.publishModel', message: { card: child } }]);
    const held = before - chain.spendable(bob) - results[0]!.fee;
    expect(held >= BigInt(sizeOf() - size) * 1_000n, `${held} for ${sizeOf() - size} bytes`).toBe(true);
    retire(bob, child);
    chain.advance(30);
    const poorer = chain.spendable(bob);
    for (const { sha256: artifact } of child.artifacts) {
      const message = { model: idOf(child), artifact };
      expect(chain.send(carol, 'registry.clearRoyalties', message)).toBe(null);
    }
    expect(chain.spendable(bob) > poorer).toBe(true);
    expect(accounts.get(chain.view, bob.account)!.records).toBe(0);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
