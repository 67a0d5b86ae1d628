import {
  DEFAULT_SCORING_RULES,
  type EpochOutcome,
  type EvidenceBundle,
  evidenceKey,
  openEvidence,
  sealBytes,
  sealEvidence,
  type Weights,
} from '@cairn/mechanisms';
import { describe, expect, it } from 'vitest';
import { auditWeights } from '../../src/audit/audit-weights.ts';
import { countEvidence, createJudge, MAX_JUDGED_ROWS } from '../../src/evidence/judge.ts';
import { readRevealedWeights } from '../../src/evidence/revealed-weights.ts';
import { aBlobStore, aRecordStore } from '../data/parts.ts';
import { aLog, crypto } from '../rpc/parts.ts';
import { aModel, aRandom } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';
import { eventsOf, type Forge, startCheat, type Town, withEpochs } from './cheat.ts';

const guess = () => aModel(() => '0 0 * * *');
/** Which of the validators cheats. */
const CHEAT = 2;

/** Two honest validators, and a third whose evidence is forged. */
async function aTownWithCheat(forge: (town: Town) => Forge, epochs = 3) {
  const town = await aSubnetTown([guess(), guess()], { validators: 3, tempo: 20 });
  const stores = [aBlobStore(), aBlobStore()] as const;
  for (const [index, blobs] of stores.entries())
    town.startValidator(aRecordStore(), { index, blobs, random: aRandom(`validator ${index}`) });
  startCheat(town, CHEAT, forge(town));
  await withEpochs(town, epochs);
  const uid = await town.uidOf(town.keys.validators[CHEAT]!.hotkey.address);
  const set = (await eventsOf(town, 'yuma.weightsSet')).filter((data) => data.uid === uid);
  expect(set.length, 'it has weights in force').toBeGreaterThan(1);
  const attested = (await eventsOf(town, 'yuma.evidenceAttested')).filter(({ epoch }) =>
    set.some((data) => data.epoch === epoch),
  );
  expect(attested.length).toBeGreaterThan(0);
  const forfeited = await eventsOf(town, 'yuma.dividendsForfeited');
  return {
    town,
    uid,
    stores,
    isAttested: attested.some(({ uids }) => (uids as number[]).includes(uid)),
    isHonestAttested: attested.every(({ uids }) => (uids as number[]).some((other) => other !== uid)),
    forfeited,
    log: town.log.lines.join('\n'),
  };
}

const forged = (
  { bundle }: EpochOutcome,
  changes: Partial<EvidenceBundle>,
  weights: Weights = onLedger({ ...bundle, ...changes }),
) => ({ sealed: sealEvidence(crypto, { ...bundle, ...changes }), weights });

const onLedger = ({ weights }: EvidenceBundle): Weights => ({
  uids: weights.map(({ uid }) => uid),
  values: weights.map(({ value }) => value),
});

describe('validators that judge evidence', () => {
  it('do not attest a copier whose weights are not those of its evidence, and it loses its dividends', async () => {
    const { town, uid, stores, isAttested, isHonestAttested, forfeited, log } = await aTownWithCheat(
      (at) => async (silent) => {
        // Where there is nothing to copy yet, it makes something up.
        const { uids, values } = (await at.weights()) ?? {
          uids: silent.weights.uids,
          values: [65_535, 60_000],
        };
        const isNothing = values.every((value) => value === 0);
        return { sealed: silent.sealed, weights: { uids, values: isNothing ? [60_000, 65_535] : values } };
      },
    );
    expect([isAttested, isHonestAttested]).toEqual([false, true]);
    expect(forfeited.length).toBeGreaterThan(0);
    for (const data of forfeited) expect(data).toMatchObject({ uid, reason: 'evidenceWithheld' });
    expect(forfeited.some(({ amount }) => BigInt(String(amount)) > 0n)).toBe(true);
    expect(log).toContain('"codes":["LEDGER_WEIGHTS_MISMATCH"]');
    // Who asks for an audit at a judge's node is told the same.
    const audit = await auditWeights({ ...town.parts, blobs: stores[0] }, town.netuid, uid);
    expect(audit.findings.map(({ code }) => code)).toEqual(['LEDGER_WEIGHTS_MISMATCH']);
  });

  it('attest one whose weights follow from its evidence, however little that shows, and pay it by that', async () => {
    const { town, uid, isAttested, isHonestAttested, forfeited, log } = await aTownWithCheat(
      () => (silent) => silent,
    );
    expect([isAttested, isHonestAttested]).toEqual([true, true]);
    // Every row of it says that nobody answered.
    const words = (await eventsOf(town, 'yuma.evidenceAttested')).flatMap((data) => {
      const at = (data.uids as number[]).indexOf(uid);
      return at === -1 ? [] : [(data.answered as number[])[at]];
    });
    expect(words.length).toBeGreaterThan(0);
    expect(new Set(words)).toEqual(new Set([0]));
    expect(forfeited.length).toBeGreaterThan(0);
    for (const data of forfeited) expect(data).toMatchObject({ uid, reason: 'lessEvidence' });
    expect(log).not.toContain('contradicts');
    expect(log).not.toContain('not as checked');
  });

  it('do not attest a planted score, though weights and score agree', async () => {
    const { uid, isAttested, forfeited, log } = await aTownWithCheat(() => (silent) => {
      const [first, ...others] = silent.bundle.scores;
      const [weight, ...rest] = silent.bundle.weights;
      return forged(silent, {
        scores: [
          { ...first!, mean: 900_000_000n, relative: 1_000_000_000n, smoothed: 1_000_000_000n },
          ...others,
        ],
        weights: [{ ...weight!, value: 65_535 }, ...rest],
      });
    });
    expect(isAttested).toBe(false);
    for (const data of forfeited) expect(data).toMatchObject({ uid, reason: 'evidenceWithheld' });
    expect(log).toMatch(/"codes":\["SCORE_MISMATCH","WEIGHTS_MISMATCH","LEDGER_WEIGHTS_MISMATCH"\]/);
  });

  it('do not attest answers with made-up receipts or scores carried over from nowhere', async () => {
    const { isAttested, log } = await aTownWithCheat(() => (silent) => {
      const [row, ...rows] = silent.bundle.rows;
      const response = new TextEncoder().encode('0 9 * * *');
      return forged(silent, {
        rows: [{ ...row!, isAnswered: true, response, receipt: new Uint8Array(40) }, ...rows],
        previousRoot: new Uint8Array(32).fill(5),
      });
    });
    expect(isAttested).toBe(false);
    expect(log).toMatch(/"codes":\[[^\]]*"CARRIED_MISMATCH"[^\]]*"RECEIPT_INVALID"/);
  });

  it('do not attest what another program made than the subnet declared', async () => {
    const other = { mechanism: 'poetry', mechanismVersion: 7 };
    const { forfeited, uid, log } = await aTownWithCheat(() => (silent) => forged(silent, other), 5);
    expect(log).toMatch(/"codes":\["MECHANISM_UNDECLARED"/);
    expect(log).not.toContain('poetry');
    expect(forfeited.some((data) => data.uid === uid && data.reason === 'evidenceWithheld')).toBe(true);
  }, 60_000);

  it('nor evidence in a form that the subnet did not declare', async () => {
    const { forfeited, uid, log } = await aTownWithCheat(() => (silent) => forged(silent, { version: 9 }), 5);
    expect(log).toMatch(/"codes":\["MECHANISM_UNDECLARED"\]/);
    expect(forfeited.some((data) => data.uid === uid && data.reason === 'evidenceWithheld')).toBe(true);
  }, 60_000);

  it('attest as there what they do not know while nothing is declared, but not weights it does not state', async () => {
    // The declaration counts from the third epoch on.
    const other = { mechanism: 'poetry', mechanismVersion: 7 };
    const known = await aTownWithCheat(() => (silent) => forged(silent, other));
    expect(known.isAttested).toBe(true);
    expect(known.log).toContain('not as checked');
    expect(known.log).toContain('MECHANISM_UNKNOWN');
    expect(known.log).not.toContain('poetry');
    const copied = await aTownWithCheat(
      () => (silent) => forged(silent, other, { uids: silent.weights.uids, values: [65_535, 1] }),
    );
    expect(copied.isAttested).toBe(false);
    expect(copied.log).toContain('"codes":["LEDGER_WEIGHTS_MISMATCH"]');
  }, 60_000);

  it('are not stopped by a bundle that is too large or none at all, and do not attest it', async () => {
    let made = 0;
    const { isAttested, isHonestAttested, log } = await aTownWithCheat(() => (silent) => {
      made += 1;
      if (made % 2 === 0) {
        const key = evidenceKey(crypto, silent.bundle.salt);
        return { sealed: sealBytes(crypto, key, new Uint8Array(100_000).fill(255)), weights: silent.weights };
      }
      const [row] = silent.bundle.rows;
      return forged(silent, { rows: Array.from({ length: MAX_JUDGED_ROWS + 1 }, () => row!) });
    });
    expect([isAttested, isHonestAttested]).toEqual([false, true]);
    expect(log).toContain('ROWS_TOO_MANY');
    expect(log).toContain('it is refused as CODEC_');
  });
});

describe('a judge that came late', () => {
  async function lateJudge(hasEarlier: boolean) {
    const town = await aSubnetTown([guess()], { tempo: 14 });
    town.startValidator(aRecordStore());
    await town.until('weights rest on earlier ones', () => town.revealed() >= 2);
    const set = await eventsOf(town, 'yuma.weightsSet');
    const wanted = readRevealedWeights(
      { netuid: town.netuid, mechanism: 0 },
      {
        name: 'yuma.weightsSet',
        height: 1,
        transaction: null,
        data: set.at(-1)!,
      },
    )!;
    const asked: string[] = [];
    const judge = createJudge(
      {
        ...town.parts,
        log: aLog(),
        blobs: aBlobStore(),
        peerOf: (hotkey) => hotkey,
        findRefuted: () => async () => [],
        async fetch(_, id) {
          asked.push(id);
          return hasEarlier ? town.blobs.get(id) : null;
        },
      },
      town.netuid,
    );
    const bundle = openEvidence(crypto, wanted.salt, (await town.blobs.get(wanted.root))!);
    const { signal } = new AbortController();
    return {
      judgement: await judge(wanted, bundle, signal),
      asked,
      earlier: String(set.at(-2)!.evidenceRoot),
      judge,
      wanted,
      bundle,
      signal,
    };
  }

  it('fetches the evidence that scores are carried over from', async () => {
    const { judgement, asked, earlier, bundle } = await lateJudge(true);
    expect(judgement).toEqual({ verdict: 'holds', unchecked: [], answered: bundle.rows.length });
    expect(bundle.rows.length).toBeGreaterThan(0);
    expect(bundle.rows.every(({ isAnswered }) => isAnswered)).toBe(true);
    expect(asked).toEqual([earlier]);
  });

  it('counts the answers, and of tasks beyond the usual number in proportion', async () => {
    const { bundle } = await lateJudge(true);
    const [row] = bundle.rows;
    const rows = Array.from({ length: 96 }, (_, index) => ({ ...row!, isAnswered: index % 4 !== 0 }));
    const countOf = (tasks: number) => countEvidence({ ...bundle, rows, rules: { ...bundle.rules, tasks } });
    expect([countOf(24), countOf(DEFAULT_SCORING_RULES.tasks)]).toEqual([72, 72]);
    expect(countOf(2 * DEFAULT_SCORING_RULES.tasks)).toBe(36);
  });

  it('holds nothing against the validator when that is not to be had', async () => {
    const { judgement, asked } = await lateJudge(false);
    expect(judgement).toMatchObject({ verdict: 'holds', unchecked: ['carried'] });
    expect(asked.length).toBe(1);
  });

  it('says nothing of weights that others have taken the place of', async () => {
    const { judge, wanted, bundle, signal } = await lateJudge(true);
    expect(await judge({ ...wanted, epoch: wanted.epoch - 1 }, bundle, signal)).toBeNull();
  });
});
