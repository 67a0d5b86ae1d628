import { createHash } from 'node:crypto';
import { accountIdToAddress, encode } from '@cairn/core';
import {
  closeEpoch,
  createCrontabMechanism,
  createServiceRunner,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  DEFAULT_SCORING_RULES,
  type EpochPlan,
} from '@cairn/mechanisms';
import { describe, expect, it } from 'vitest';
import {
  type CollectorParts,
  createEvidenceCollector,
  type EvidenceCollector,
} from '../../src/evidence/collector.ts';
import type { RevealedWeights } from '../../src/evidence/revealed-weights.ts';
import { aBlobStore } from '../data/parts.ts';
import { accountOf, aLog, aSigner, crypto } from '../rpc/parts.ts';

const idOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const saltOf = (uid: number) => new Uint8Array(32).fill(uid + 1);
const validatorOf = (uid: number) => accountOf(aSigner(`validator ${uid}`));

/** Sealed evidence of one validator, and the weights that stand on it. */
async function someEvidence(uid: number, changes: Partial<EpochPlan> = {}) {
  const parts = { crypto, log: aLog() };
  const runner = createServiceRunner(parts, createCrontabMechanism({ crypto }));
  const plan: EpochPlan = {
    netuid: 1,
    epoch: 7n,
    validator: validatorOf(uid),
    epochSeed: new Uint8Array(32),
    salt: saltOf(uid),
    params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
    rules: { ...DEFAULT_SCORING_RULES, tasks: 1 },
    previous: null,
    miners: [],
    ...changes,
  };
  const { sealed } = await closeEpoch(parts, runner, plan, []);
  return { sealed, weights: weightsOn(uid, sealed) };
}

const weightsOn = (uid: number, sealed: Uint8Array): RevealedWeights => ({
  netuid: 1,
  mechanism: 0,
  uid,
  hotkey: accountIdToAddress(validatorOf(uid)),
  epoch: 8,
  scoredEpoch: 7,
  root: idOf(sealed),
  salt: saltOf(uid),
});

const has = (collector: EvidenceCollector, wanted: RevealedWeights) => collector.answeredOf(wanted) !== null;

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A collector whose peers answer by a rule of the test. */
function aCollector(
  fetch: CollectorParts['fetch'],
  judge: CollectorParts['judge'] = async () => ({ verdict: 'holds', unchecked: [], answered: 7 }),
) {
  const blobs = aBlobStore();
  const log = aLog();
  let decided = 0;
  const asked: string[] = [];
  const collector = createEvidenceCollector({
    crypto,
    blobs,
    log,
    peerOf: (hotkey) => `peer of ${hotkey}`,
    fetch(peer, id, signal) {
      asked.push(id);
      return fetch(peer, id, signal);
    },
    judge,
    onDecided: () => {
      decided += 1;
    },
  });
  return { blobs, log, collector, asked, decided: () => decided };
}

describe('collecting evidence', () => {
  it('fetches it from its validator, opens it and keeps it', async () => {
    const { sealed, weights } = await someEvidence(3);
    const { collector, blobs, decided } = aCollector(async (peer) => {
      expect(peer).toBe(`peer of ${weights.hotkey}`);
      return sealed;
    });
    collector.update([weights]);
    expect(has(collector, weights)).toBe(false);
    await settle();
    expect([has(collector, weights), collector.isDecided(weights), decided()]).toEqual([true, true, 1]);
    expect(collector.answeredOf(weights)).toBe(7);
    expect(await blobs.get(weights.root)).toEqual(sealed);
    expect(has(collector, { ...weights, root: 'ff' })).toBe(false);
  });

  it('asks nobody for what is in its own store', async () => {
    const { sealed, weights } = await someEvidence(3);
    const { collector, blobs, asked } = aCollector(async () => null);
    await blobs.put(sealed);
    collector.update([weights]);
    await settle();
    expect(has(collector, weights)).toBe(true);
    expect(asked).toEqual([]);
  });

  it('refuses for good what hashes right and is not the evidence of these weights', async () => {
    const other = {
      sealed: (await someEvidence(3)).sealed,
      weights: weightsOn(4, (await someEvidence(3)).sealed),
    };
    const garbage = crypto.sha256(new Uint8Array(3));
    const wrong = [
      { sealed: garbage, weights: weightsOn(3, garbage) },
      { ...(await someEvidence(3, { salt: saltOf(9) })), says: 'BUNDLE_SEALED_WRONG' },
      { ...(await someEvidence(3, { epoch: 6n })), says: 'of epoch 6' },
      { ...(await someEvidence(3, { netuid: 2 })), says: 'of subnet 2' },
      { ...(await someEvidence(3, { mechanismIndex: 1 })), says: 'of mechanism 1' },
      { ...(await someEvidence(3, { validator: validatorOf(4) })), says: 'of another validator' },
      { ...other, says: 'BUNDLE_SEALED_WRONG' },
    ];
    for (const { sealed, weights, says = 'BUNDLE_SEALED_WRONG' } of wrong as ((typeof wrong)[0] & {
      says?: string;
    })[]) {
      const { collector, log, asked, blobs } = aCollector(async () => sealed);
      for (let block = 0; block < 5; block++) {
        collector.update([weights]);
        await settle();
      }
      expect([has(collector, weights), collector.isDecided(weights)], says).toEqual([false, true]);
      expect(asked.length, says).toBe(1);
      expect(log.lines.join()).toContain(says);
      expect(await blobs.get(weights.root)).toBeNull();
    }
  });

  it('is not held up by peers that hang, as long as there are fewer than it asks at once', async () => {
    const good = await someEvidence(9);
    const hanging = Array.from({ length: 7 }, (_, uid) => weightsOn(uid, new Uint8Array([uid])));
    const { collector } = aCollector((_, id) =>
      id === good.weights.root ? Promise.resolve(good.sealed) : new Promise(() => undefined),
    );
    collector.update([...hanging, good.weights]);
    await settle();
    expect(has(collector, good.weights)).toBe(true);
  });

  it('lets those that never failed go before those that did', async () => {
    const good = await someEvidence(20);
    const failing = Array.from({ length: 12 }, (_, uid) => weightsOn(uid, new Uint8Array([uid])));
    const { collector } = aCollector(async (_, id) => {
      if (id === good.weights.root) return good.sealed;
      throw new Error('unreachable');
    });
    collector.update([...failing, good.weights]);
    await settle();
    expect(has(collector, good.weights)).toBe(true);
  });

  it('asks again for what was not there, ever more rarely', async () => {
    const { sealed, weights } = await someEvidence(3);
    let isThere = false;
    const { collector, asked } = aCollector(async () => (isThere ? sealed : null));
    const asks: number[] = [];
    for (let block = 0; block < 16; block++) {
      collector.update([weights]);
      await settle();
      asks.push(asked.length);
    }
    expect(asks).toEqual([1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5]);
    isThere = true;
    for (let block = 0; block < 16; block++) collector.update([weights]);
    await settle();
    expect(has(collector, weights)).toBe(true);
  });

  it('does not have what the judge refuses, says which codes and keeps it as proof', async () => {
    const { sealed, weights } = await someEvidence(3);
    const { collector, blobs, log, asked } = aCollector(
      async () => sealed,
      async () => ({ verdict: 'refuted', codes: ['SCORE_MISMATCH'] }),
    );
    for (let block = 0; block < 3; block++) {
      collector.update([weights]);
      await settle();
    }
    expect([has(collector, weights), collector.isDecided(weights), asked.length]).toEqual([false, true, 1]);
    expect(log.lines.join()).toContain('"codes":["SCORE_MISMATCH"]');
    expect(await blobs.get(weights.root)).toEqual(sealed);
  });

  it('judges other weights on the same root anew', async () => {
    const { sealed, weights } = await someEvidence(3);
    const { collector } = aCollector(async () => sealed);
    collector.update([weights]);
    await settle();
    expect(has(collector, weights)).toBe(true);
    const again = { ...weights, salt: saltOf(9) };
    expect(has(collector, again)).toBe(false);
    collector.update([again]);
    await settle();
    expect([has(collector, again), collector.isDecided(again)]).toEqual([false, true]);
  });

  it('tries again when it cannot judge, and does not hold it against the validator for ever', async () => {
    const { sealed, weights } = await someEvidence(3);
    let tries = 0;
    const { collector, log } = aCollector(
      async () => sealed,
      async () => {
        tries += 1;
        throw new Error('the disk is gone');
      },
    );
    collector.update([weights]);
    await settle();
    expect([has(collector, weights), collector.isDecided(weights)]).toEqual([false, false]);
    for (let block = 0; block < 4; block++) {
      collector.update([weights]);
      await settle();
    }
    expect([has(collector, weights), tries]).toEqual([true, 3]);
    expect(log.lines.join()).toContain('evidence could not be judged');
  });

  it('waits for the weights that took the place of these', async () => {
    const { sealed, weights } = await someEvidence(3);
    const { collector } = aCollector(
      async () => sealed,
      async () => null,
    );
    collector.update([weights]);
    await settle();
    expect([has(collector, weights), collector.isDecided(weights)]).toEqual([false, false]);
  });

  it('calls off what is wanted no more', async () => {
    const signals: { aborted: boolean }[] = [];
    const { collector } = aCollector((_, __, signal) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    const weights = weightsOn(1, new Uint8Array(1));
    collector.update([weights]);
    await settle();
    collector.update([{ ...weights, epoch: 9 }]);
    await settle();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    collector[Symbol.dispose]();
    expect(signals[1]!.aborted).toBe(true);
  });
});
