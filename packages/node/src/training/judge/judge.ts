import { areBytesEqual, bytesToHex, CairnError, hexToBytes, type Logger, type Random } from '@cairn/core';
import { bitmapOf, hasPlace, LOSS_NOT_FINITE, type Round } from '@cairn/ledger';
import type { CaseView, JudgeLedger, RecordStore, RoundView } from '@cairn/protocol';
import type { RoundUpdates, RunDesk } from '@cairn/training';
import {
  acceptedOf,
  type CommittedPlace,
  fetchRoundUpdates,
  isWaitOver,
  judgeRound,
  NEW_RECORD,
  placesOfRound,
  type RateSkills,
  type RefusalReason,
  scoresToU16,
  type TrainerEvidence,
  updatesOf,
} from '@cairn/training';
import { type Judgement, openJudgements } from './judgement.ts';
import { createCheckpointKeeper } from './keep-checkpoint.ts';
import { replayCase } from './replay-case.ts';

export interface JudgeParts {
  readonly ledger: JudgeLedger;
  readonly desk: RunDesk;
  readonly records: RecordStore;
  readonly random: Random;
  readonly rate: RateSkills;
  readonly log: Logger;
}

export interface Judge {
  /** Does what a validator has to do in the state of the run. @throws CairnError for what is worth another try */
  act(view: RoundView, signal: AbortSignal): Promise<void>;
}

const MILLIONTHS = 1_000_000;

/** A validator of a run: scores the updates of a round, agrees on its outcome, replays steps that are in question. */
export function createJudge(parts: JudgeParts): Judge {
  const { ledger, desk, random, rate, log } = parts;
  const judgements = openJudgements(parts.records, desk.name, bytesToHex(ledger.hotkey));
  const keepCheckpoint = createCheckpointKeeper({ desk, log });
  const ownIndex = (judges: readonly { readonly hotkey: Uint8Array }[]) =>
    judges.findIndex(({ hotkey }) => areBytesEqual(hotkey, ledger.hotkey));
  const isIn = (set: number, judge: number) => ((set >>> judge) & 1) === 1;

  function askFor(round: Round, places: readonly CommittedPlace[]): RoundUpdates {
    return {
      base: bytesToHex(round.baseRoot),
      run: desk.id,
      round: round.round,
      updates: places.map(({ seat, update }) => ({
        id: bytesToHex(update.payload),
        seat,
        steps: update.steps,
      })),
    };
  }

  /** The updates that are here, in roster order. Null while others may still come. */
  async function collect(view: RoundView, round: Round): Promise<CommittedPlace[] | null> {
    await desk.bring(
      view.run,
      round.baseRoot,
      view.roster.map(({ peer }) => peer),
    );
    const { found, missing } = await fetchRoundUpdates(desk, view, {
      round: round.round,
      withResiduals: false,
    });
    if (missing > 0 && !isWaitOver(view)) return null;
    return updatesOf(view).filter(({ place }) => hasPlace(found, place));
  }

  /** What the round before was made of, by which copies are known; those that nobody has any more are left out. */
  async function bringBefore(view: RoundView, round: Round): Promise<string[]> {
    const paid = await ledger.paidRound(desk.id, round.round - 1);
    if (paid === null || paid.isVoid) return [];
    const accepted = acceptedOf(paid);
    try {
      await desk.fetch(
        accepted,
        view.roster.map(({ peer }) => peer),
        { round: paid.round, use: 'weights' },
      );
    } catch (error) {
      if (!(error instanceof CairnError) || error.code !== 'BLOB_NOT_FETCHED') throw error;
    }
    return accepted.map(({ id }) => id);
  }

  async function judge(view: RoundView, round: Round): Promise<Judgement | null> {
    const known = judgements.of(round.round);
    if (known?.base === bytesToHex(round.baseRoot)) return known;
    const places = await collect(view, round);
    if (places === null) return null;
    const asked = askFor(round, places);
    const { steps } = desk.manifest.inner;
    const seats = view.roster.map(({ seat }) => seat);
    const lastRound = await ledger.paidRound(desk.id, round.round - 1);
    const ranges = placesOfRound(desk.manifest, { ...round, seats }, lastRound);
    const uploadsBefore = await bringBefore(view, round);
    const measured = await desk.once(
      `measure ${asked.base} ${asked.updates.map(({ id }) => id).join(' ')}`,
      () =>
        desk.compute.measure({
          ...asked,
          firstBatches: places.map(({ place }) => ranges[place]!.firstBatch),
          scoreSeed: round.scoreSeed,
          before: uploadsBefore,
        }),
    );
    const evidence = view.roster.map(({ place, seat, update }): TrainerEvidence => {
      const at = places.findIndex((each) => each.place === place);
      const found = at === -1 ? null : measured[at]!;
      const reason = at === -1 ? 'missing' : 'malformed';
      const done = update === null ? 0 : update.steps / steps;
      return found === null
        ? { trainer: String(seat), improvement: null, reason, steps: done, overlap: 0 }
        : { trainer: String(seat), ...found, steps: done };
    });
    const before = new Map(judgements.before(round.round)?.records ?? []);
    const judged = judgeRound(rate, before, evidence);
    const refused = judged.judgements.flatMap(({ refusal }, place): [number, RefusalReason][] =>
      refusal === null ? [] : [[place, refusal]],
    );
    const judgement: Judgement = {
      round: round.round,
      base: asked.base,
      scores: scoresToU16(judged.judgements),
      salt: bytesToHex(random.bytes(32)),
      sound: judged.judgements.flatMap(({ isAccepted }, place) => (isAccepted ? [place] : [])),
      refused,
      records: view.roster.map(({ seat }) => [String(seat), judged.records.get(String(seat)) ?? NEW_RECORD]),
    };
    await judgements.keep(judgement);
    log.info('round judged', {
      round: round.round,
      sound: judgement.sound.length,
      of: updatesOf(view).length,
      refused: refused.map(([place, reason]) => `${place} ${reason}`),
    });
    return judgement;
  }

  async function settle(view: RoundView, round: Round, { sound }: Judgement): Promise<void> {
    const quorum = Math.max(1, Math.floor((2 * round.witnesses.length) / 3));
    const accepted = updatesOf(view).filter(
      ({ place }) => sound.includes(place) && round.found[place]! >= quorum,
    );
    const counted = accepted.filter(({ place }) => hasPlace(round.counted, place));
    await desk.bring(
      view.run,
      round.baseRoot,
      view.roster.map(({ peer }) => peer),
    );
    const asked = askFor(round, counted);
    const key = `${asked.base} ${asked.updates.map(({ id }) => id).join(' ')}`;
    const root = await desk.once(`apply ${key}`, () => desk.compute.apply(asked));
    const loss = await desk.once(`loss ${root} ${key}`, () => desk.compute.loss(root));
    await ledger.settle({
      run: desk.id,
      round: round.round,
      accepted: bitmapOf(accepted.map(({ place }) => place)),
      newRoot: hexToBytes(root),
      evalLoss: inMillionths(loss),
    });
    log.info('outcome found', { round: round.round, accepted: accepted.length, loss });
  }

  async function actOnRound(view: RoundView, round: Round): Promise<void> {
    const own = ownIndex(round.judges);
    if (own === -1) return;
    const { phase } = view.run;
    if (phase === 'show' && !isIn(round.scored, own)) {
      const judgement = await judge(view, round);
      if (judgement === null) return;
      const { scores, salt } = judgement;
      await ledger.commitScores(desk.id, round.round, scores, hexToBytes(salt));
    }
    if (phase !== 'settle') return;
    const judgement = await judge(view, round);
    if (judgement === null) return;
    if (isIn(round.scored, own) && !isIn(round.revealed, own))
      await ledger.revealScores(desk.id, round.round, judgement.scores, hexToBytes(judgement.salt));
    if (!isIn(round.voted, own)) await settle(view, round, judgement);
  }

  async function actOnCase(view: RoundView, open: CaseView, signal: AbortSignal): Promise<void> {
    const own = ownIndex(open.judges);
    const isDue = own !== -1 && open.phase !== 'convicted' && !open.votes.some(({ judge: by }) => by === own);
    if (!isDue) return;
    const verdict = await desk.once(`case ${open.number} ${open.phase}`, () =>
      replayCase({ ledger, desk, log }, view, open, signal),
    );
    if (verdict === null) return;
    await ledger.judge(desk.id, open.number, verdict);
    log.info('case judged', { case: open.number, round: open.round, verdict });
  }

  return {
    async act(view, signal) {
      await desk.tidy(view.run);
      if (view.round !== null) await actOnRound(view, view.round);
      for (const open of await ledger.cases(desk.id)) await actOnCase(view, open, signal);
      await keepCheckpoint(view);
    },
  };
}

/** 1 to 2^32 − 2, or what says that it is no number. */
function inMillionths(loss: number): number {
  if (!Number.isFinite(loss)) return LOSS_NOT_FINITE;
  return Math.min(LOSS_NOT_FINITE - 1, Math.max(1, Math.round(loss * MILLIONTHS)));
}
