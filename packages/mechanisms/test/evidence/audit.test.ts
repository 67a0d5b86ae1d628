import { areBytesEqual, utf8ToBytes } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeEpoch, drawEpochTasks, type EpochOutcome, type EpochPlan } from '../../src/epoch.ts';
import { auditBundle } from '../../src/evidence/audit.ts';
import type { AuditParts, LedgerFacts, SilenceClaim } from '../../src/evidence/audit-report.ts';
import {
  decodeBundle,
  type EvidenceBundle,
  encodeBundle,
  evidenceRoot,
  openEvidence,
} from '../../src/evidence/bundle.ts';
import { contradictionsOf } from '../../src/evidence/contradictions.ts';
import { DEFAULT_SCORING_RULES } from '../../src/scoring/shape.ts';
import { commitSalt } from '../../src/service-tasks.ts';
import { aHash, answersOf, aParts, aPlan, aReceipt, aRunner, crypto } from '../builders.ts';

const RIGHT = { 2: 46, 3: 46, 4: 34, 5: 1 };
const runner = aRunner();

const auditParts: AuditParts = {
  crypto,
  runners: [runner],
  verifyReceipt: ({ miner, task, response, receipt }) =>
    areBytesEqual(receipt, aReceipt(miner, task.requestHash, response))
      ? { ok: true }
      : { ok: false, reason: 'signature of something else' },
};

async function anEpoch(plan: EpochPlan = aPlan(), right: Record<number, number> = RIGHT) {
  const answers = await answersOf(drawEpochTasks(runner, plan), plan, right);
  return closeEpoch(aParts(), runner, plan, answers);
}

function onLedger(plan: EpochPlan, outcome: Pick<EpochOutcome, 'root' | 'weights'>): LedgerFacts {
  return {
    saltCommitment: commitSalt(crypto, plan, plan.salt),
    epochSeed: plan.epochSeed,
    evidenceRoot: outcome.root,
    weights: outcome.weights,
    miners: plan.miners,
    measure: { mechanism: 'crontab', mechanismVersion: 1, params: plan.params, rules: plan.rules },
  };
}

/** A validator that changed its evidence before it committed the root. */
function forged(plan: EpochPlan, honest: EpochOutcome, changes: Partial<EvidenceBundle>) {
  const bundle = { ...honest.bundle, ...changes };
  const root = evidenceRoot(crypto, bundle);
  const weights = {
    uids: bundle.weights.map(({ uid }) => uid),
    values: bundle.weights.map(({ value }) => value),
  };
  return auditBundle(auditParts, bundle, onLedger(plan, { root, weights }));
}

const codesOf = (report: { findings: readonly { code: string }[] }) => [
  ...new Set(report.findings.map(({ code }) => code)),
];

describe('an honest epoch', () => {
  it('pays level miners alike, a weaker one less and a fixed guess nearly nothing', async () => {
    const { scores, weights } = await anEpoch();
    expect(scores.map(({ uid }) => uid)).toEqual([2, 3, 4, 5]);
    const paid = new Map(weights.uids.map((uid, index) => [uid, weights.values[index] as number]));
    expect(paid.get(2)).toBe(65_535);
    expect(paid.get(3)).toBe(65_535);
    expect(paid.get(4)).toBeLessThan(30_000);
    expect(paid.get(5) ?? 0).toBeLessThan(10);
  });

  it('is derived again without a finding, from its bytes', async () => {
    const plan = aPlan();
    const outcome = await anEpoch(plan);
    const report = await auditBundle(
      auditParts,
      openEvidence(crypto, plan.salt, outcome.sealed),
      onLedger(plan, outcome),
    );
    expect(report).toMatchObject({ ok: true, findings: [], unverified: [], tasks: 48, receipts: 192 });
    expect(report.derived).toEqual({ scores: outcome.scores, weights: outcome.weights });
  });

  it('scores what is missing, malformed or too long as wrong and stays auditable', async () => {
    const plan = aPlan();
    const answers = await answersOf(drawEpochTasks(runner, plan), plan, { 2: 48, 3: 48, 4: 48, 5: 48 });
    const hostile = answers
      .filter(({ uid }) => uid !== 3)
      .map((answer) =>
        answer.uid === 4
          ? { ...answer, response: '\ud800 \u0000', receipt: aHash('nothing') }
          : answer.uid === 5
            ? { ...answer, response: '*'.repeat(10_000) }
            : answer,
      );
    const outcome = await closeEpoch(aParts(), runner, plan, hostile);
    expect(outcome.weights).toEqual({ uids: [2, 3, 4, 5], values: [65_535, 0, 0, 0] });
    const report = await auditBundle(auditParts, outcome.bundle, onLedger(plan, outcome));
    expect(codesOf(report)).toEqual(['RECEIPT_INVALID']);
    expect(report.findings.every(({ uid }) => uid === 4)).toBe(true);
  });

  it('counts an answer with an oversized receipt as missing instead of failing', async () => {
    const plan = aPlan();
    const answers = await answersOf(drawEpochTasks(runner, plan), plan, RIGHT);
    const bloated = answers.map((answer) =>
      answer.uid === 3 ? { ...answer, receipt: new Uint8Array(2049) } : answer,
    );
    const outcome = await closeEpoch(aParts(), runner, plan, bloated);
    expect(outcome.scores[1]).toMatchObject({ uid: 3, mean: 0n });
    expect((await auditBundle(auditParts, outcome.bundle, onLedger(plan, outcome))).ok).toBe(true);
  });

  it('carries smoothed scores over and checks them against the earlier bundle', async () => {
    const first = await anEpoch();
    const carried = first.scores.map(({ miner, smoothed }) => ({ miner, score: smoothed }));
    const plan = aPlan({ epoch: 8n, salt: aHash('salt 8'), previous: { root: first.root, scores: carried } });
    const second = await anEpoch(plan, { 2: 46, 3: 0, 4: 34, 5: 1 });
    const facts = onLedger(plan, second);
    expect(second.scores[1]).toMatchObject({ relative: 0n, smoothed: 600_000_000n });
    expect(await auditBundle(auditParts, second.bundle, { ...facts, previous: first.bundle })).toMatchObject({
      ok: true,
      unverified: [],
    });
    expect((await auditBundle(auditParts, second.bundle, facts)).unverified).toEqual(['carried']);
    const bent = { ...second.bundle, carried: carried.map((entry) => ({ ...entry, score: 1n })) };
    expect(codesOf(await auditBundle(auditParts, bent, { ...facts, previous: first.bundle }))).toContain(
      'CARRIED_MISMATCH',
    );
  });
});

describe('a dishonest bundle is found out by name', () => {
  const plan = aPlan();
  const honest = anEpoch(plan);
  const rowsWith = async (uid: number, taskIndex: number, changes: Partial<EvidenceBundle['rows'][number]>) =>
    (await honest).bundle.rows.map((row) =>
      row.uid === uid && row.taskIndex === taskIndex ? { ...row, ...changes } : row,
    );

  it('changed after the root was committed', async () => {
    const outcome = await honest;
    const rows = await rowsWith(2, 0, { response: utf8ToBytes('1 1 1 1 *') });
    const report = await auditBundle(auditParts, { ...outcome.bundle, rows }, onLedger(plan, outcome));
    expect(codesOf(report)).toContain('ROOT_MISMATCH');
  });

  it('a changed response: the receipt does not prove it', async () => {
    const rows = await rowsWith(2, 0, { response: utf8ToBytes('1 1 1 1 *') });
    const report = await forged(plan, await honest, { rows });
    expect(report.findings[0]).toMatchObject({ code: 'RECEIPT_INVALID', uid: 2, taskIndex: 0 });
    expect(codesOf(report)).toContain('SCORE_MISMATCH');
  });

  it('a forged receipt', async () => {
    const report = await forged(plan, await honest, {
      rows: await rowsWith(4, 40, { receipt: aHash('forged') }),
    });
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]).toMatchObject({ code: 'RECEIPT_INVALID', uid: 4, taskIndex: 40 });
  });

  it('a changed score', async () => {
    const outcome = await honest;
    const scores = outcome.bundle.scores.map((score) =>
      score.uid === 5 ? { ...score, mean: 900_000_000n } : score,
    );
    const report = await forged(plan, outcome, { scores });
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]).toMatchObject({ code: 'SCORE_MISMATCH', uid: 5 });
  });

  it('changed weights, in the bundle or only on the ledger', async () => {
    const outcome = await honest;
    const weights = outcome.bundle.weights.map((weight) => ({ ...weight, value: 65_535 }));
    expect(codesOf(await forged(plan, outcome, { weights }))).toEqual([
      'WEIGHTS_MISMATCH',
      'LEDGER_WEIGHTS_MISMATCH',
    ]);
    const other = { ...onLedger(plan, outcome), weights: { uids: [5], values: [65_535] } };
    const report = await auditBundle(auditParts, outcome.bundle, other);
    expect(codesOf(report)).toEqual(['LEDGER_WEIGHTS_MISMATCH']);
    expect(report.findings[0]?.message).toContain('found 5: 65535');
  });

  it('a salt chosen after the tasks were seen', async () => {
    const report = await forged(plan, await honest, { salt: aHash('another salt') });
    expect(codesOf(report)).toEqual(
      expect.arrayContaining(['SALT_MISMATCH', 'REQUEST_MISMATCH', 'RECEIPT_INVALID', 'SCORE_MISMATCH']),
    );
  });

  it('a seed of its own', async () => {
    expect(codesOf(await forged(plan, await honest, { epochSeed: aHash('own seed') }))).toEqual([
      'SEED_MISMATCH',
    ]);
  });

  it('a dropped row', async () => {
    const rows = (await honest).bundle.rows.filter(({ uid, taskIndex }) => uid !== 3 || taskIndex !== 5);
    const report = await forged(plan, await honest, { rows });
    expect(report.findings[0]).toMatchObject({ code: 'ROW_MISSING', uid: 3, taskIndex: 5 });
  });

  it('a repeated row, and rows for tasks or miners that never were', async () => {
    const { rows } = (await honest).bundle;
    const [row] = rows as [EvidenceBundle['rows'][number]];
    const report = await forged(plan, await honest, {
      rows: [...rows, row, { ...row, taskIndex: 48 }, { ...row, uid: 77 }],
    });
    expect(report.findings).toMatchObject([
      { code: 'ROW_REPEATED', uid: 2, taskIndex: 0 },
      { code: 'ROW_UNKNOWN', uid: 2, taskIndex: 48 },
      { code: 'ROW_UNKNOWN', uid: 77, taskIndex: 0 },
    ]);
  });

  it('a question that was never asked', async () => {
    const report = await forged(plan, await honest, {
      rows: await rowsWith(2, 9, { requestHash: aHash('easy') }),
    });
    expect(report.findings).toMatchObject([{ code: 'REQUEST_MISMATCH', uid: 2, taskIndex: 9 }]);
  });

  it('miners left out, rules bent, or scores carried from nowhere', async () => {
    const outcome = await honest;
    const facts = onLedger(plan, outcome);
    const miners = [...plan.miners, { uid: 6, miner: aHash('miner 6') }];
    expect(codesOf(await auditBundle(auditParts, outcome.bundle, { ...facts, miners }))).toEqual([
      'MINERS_MISMATCH',
    ]);
    const kind = aPlan({ rules: { ...DEFAULT_SCORING_RULES, power: 1 } });
    const kindly = await anEpoch(kind);
    expect(codesOf(await auditBundle(auditParts, kindly.bundle, onLedger(plan, kindly)))).toEqual([
      'MEASURE_MISMATCH',
    ]);
    const carried = [{ miner: aHash('miner 5'), score: 1_000_000_000n }];
    expect(codesOf(await forged(plan, outcome, { carried }))).toEqual(['CARRIED_MISMATCH']);
  });

  it('tasks of another mechanism under the same salt', async () => {
    const tasksOf = (mechanismIndex: number) => drawEpochTasks(aRunner(), aPlan({ mechanismIndex }));
    const [first, second] = [tasksOf(0), tasksOf(1)];
    expect(first.map(({ requestHash }) => requestHash)).toEqual(
      drawEpochTasks(aRunner(), aPlan()).map(({ requestHash }) => requestHash),
    );
    expect(first[0]!.requestHash).not.toEqual(second[0]!.requestHash);
    const outcome = await honest;
    expect(codesOf(await forged(plan, outcome, { mechanismIndex: 1 }))).toContain('REQUEST_MISMATCH');
    const other = aPlan({ mechanismIndex: 1 });
    const report = await anEpoch(other).then((made) =>
      auditBundle(auditParts, made.bundle, onLedger(other, made)),
    );
    expect(report.findings).toEqual([]);
  });

  it('another mechanism, version or parameters that cannot be', async () => {
    const outcome = await honest;
    expect(codesOf(await forged(plan, outcome, { mechanism: 'poetry' }))).toContain('MECHANISM_UNKNOWN');
    expect(codesOf(await forged(plan, outcome, { version: 9 }))).toContain('VERSION_UNKNOWN');
    expect(codesOf(await forged(plan, outcome, { params: Uint8Array.of(1) }))).toContain('PARAMS_INVALID');
    expect(codesOf(await forged(plan, outcome, { rules: { ...plan.rules, tasks: 0 } }))).toContain(
      'PARAMS_INVALID',
    );
  });

  it('weights on the ledger that are not the stated ones, whatever mechanism made them', async () => {
    const outcome = await honest;
    const bundle = { ...outcome.bundle, mechanism: 'poetry' };
    const facts = { ...onLedger(plan, outcome), evidenceRoot: evidenceRoot(crypto, bundle) };
    const stated = await auditBundle(auditParts, bundle, facts);
    expect(codesOf(stated)).toEqual(['MEASURE_MISMATCH', 'MECHANISM_UNKNOWN']);
    expect(contradictionsOf(stated.findings)).toEqual([]);
    const other = await auditBundle(auditParts, bundle, {
      ...facts,
      weights: { uids: [5], values: [65_535] },
    });
    expect(codesOf({ findings: contradictionsOf(other.findings) })).toEqual(['LEDGER_WEIGHTS_MISMATCH']);
  });

  it('by what proves something: not by a format that is not known here', async () => {
    const outcome = await honest;
    const next = await forged(plan, outcome, { version: 9, epochSeed: aHash('own seed') });
    expect(codesOf(next)).toContain('SEED_MISMATCH');
    expect(contradictionsOf(next.findings)).toEqual([]);
    const seed = await forged(plan, outcome, { epochSeed: aHash('own seed') });
    expect(contradictionsOf(seed.findings)).toEqual(seed.findings);
    const both = await forged(plan, outcome, { mechanism: 'poetry', epochSeed: aHash('own seed') });
    expect(codesOf({ findings: contradictionsOf(both.findings) })).toEqual(['SEED_MISMATCH']);
    const undeclared = { code: 'MECHANISM_UNDECLARED', message: '' } as const;
    for (const { findings } of [await forged(plan, outcome, { mechanism: 'poetry' }), next])
      expect(contradictionsOf([undeclared, ...findings])).toEqual([undeclared]);
  });

  it('any flipped bit: the bytes do not decode, or the audit says so', async () => {
    const outcome = await honest;
    const facts = onLedger(plan, outcome);
    await fc.assert(
      fc.asyncProperty(fc.nat(encodeBundle(outcome.bundle).length * 8 - 1), async (bit) => {
        const bytes = encodeBundle(outcome.bundle);
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        let bundle: EvidenceBundle;
        try {
          bundle = decodeBundle(bytes);
        } catch (error) {
          expect(error).toMatchObject({ problem: { code: expect.stringMatching(/^CODEC_/) } });
          return;
        }
        expect((await auditBundle(auditParts, bundle, facts)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe('claims of silence', () => {
  /** An epoch in which one answer is left out, and what is asked about it. */
  async function silenced(changes: Partial<EvidenceBundle> = {}) {
    const plan = aPlan();
    const answers = await answersOf(drawEpochTasks(runner, plan), plan, RIGHT);
    const outcome = await closeEpoch(aParts(), runner, plan, answers.slice(1));
    const { uid, taskIndex } = answers[0]!;
    const asked: SilenceClaim[] = [];
    const bundle = { ...outcome.bundle, ...changes };
    const facts = onLedger(plan, { root: evidenceRoot(crypto, bundle), weights: outcome.weights });
    const auditWith = (isRefuted: boolean) =>
      auditBundle(
        {
          ...auditParts,
          async findRefuted(claims) {
            asked.push(...claims);
            return isRefuted ? claims : [];
          },
        },
        bundle,
        facts,
      );
    return { uid, taskIndex, asked, auditWith, bundle, facts };
  }

  it('are refuted by name, row by row', async () => {
    const { uid, taskIndex, asked, auditWith } = await silenced();
    const { findings, unverified } = await auditWith(true);
    expect(findings).toMatchObject([{ code: 'SILENCE_REFUTED', uid, taskIndex }]);
    expect(contradictionsOf(findings)).toEqual(findings);
    expect(unverified).toEqual([]);
    expect(asked).toMatchObject([{ uid, task: { index: taskIndex } }]);
  });

  it('stand where nothing refutes them, and are named where nobody can ask', async () => {
    const { auditWith, bundle, facts } = await silenced();
    expect(await auditWith(false)).toMatchObject({ findings: [], unverified: [] });
    expect(await auditBundle(auditParts, bundle, facts)).toMatchObject({
      findings: [],
      unverified: ['silence'],
    });
  });

  it('are not asked about in evidence that is wrong anyway', async () => {
    const { asked, auditWith } = await silenced({ scores: [] });
    expect((await auditWith(true)).findings.length).toBeGreaterThan(0);
    expect(asked).toEqual([]);
  });
});
