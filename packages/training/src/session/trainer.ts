import { areBytesEqual, bytesToHex, hexToBytes, type Logger } from '@cairn/core';
import {
  hasPlace,
  type RecordStore,
  type RosterView,
  type RoundView,
  type TrainerLedger,
} from '@cairn/protocol';

import { createGoAhead } from './go-ahead.ts';
import { isWaitOver, slotsToTrain } from './patience.ts';
import { residualOf } from './residual-rule.ts';
import { bringStart, placesOfRound } from './round-places.ts';
import { fetchRoundUpdates, updatesOf } from './round-updates.ts';
import type { RunDesk } from './run-desk.ts';
import type { PagedTensors, PausedPlace, StepProgress, TrainedPlace, TrainPlace } from './run-shapes.ts';
import { openTrainerRecords, type TrainedRecord } from './trainer-record.ts';

export interface TrainerParts {
  readonly ledger: TrainerLedger;
  readonly desk: RunDesk;
  readonly records: RecordStore;
  readonly log: Logger;
  /** Length of a slot in milliseconds. */
  readonly slotMs: number;
  readonly onProgress?: (progress: TrainerProgress) => void;
}

type OpenRound = NonNullable<RoundView['round']>;

/** What a trainer is doing, for people. */
export type TrainerProgress =
  | {
      readonly kind: 'step';
      readonly round: number;
      readonly step: StepProgress;
      /** Whether it is of a round that is not open yet. */
      readonly isAhead: boolean;
    }
  | {
      readonly kind: 'committed';
      readonly round: number;
      readonly steps: number;
      readonly meanLoss: number;
      readonly sizeBytes: number;
    }
  | { readonly kind: 'witnessed'; readonly round: number; readonly found: number; readonly of: number };

export interface Trainer {
  /** Does what this machine has to do in the state of the run. @throws CairnError for what is worth another try */
  act(view: RoundView, signal: AbortSignal): Promise<void>;
}

/**
 * One machine of a run: trains its place of a round, binds itself to the update by its hash, shows it when that is
 * safe, says which updates of others it could have.
 */
export function createTrainer(parts: TrainerParts): Trainer {
  const { ledger, desk, log, slotMs, onProgress = () => undefined } = parts;
  const kept = openTrainerRecords(parts.records, desk.name);
  const ahead = createGoAhead({
    ...{ desk, log, momentsFor },
    onStep: (round, step) => onProgress({ kind: 'step', round, step, isAhead: true }),
  });
  const ownPlace = ({ roster }: RoundView) =>
    roster.find(({ device }) => areBytesEqual(device, ledger.device)) ?? null;

  /** Not for others, until it is shown. */
  const putHidden = (blob: Uint8Array) => desk.library.put(desk.name, blob, { isHidden: true });

  /** @returns the blob that lists the pages, and all blobs, itself last */
  async function putPaged(tensors: PagedTensors): Promise<{ list: string; blobs: string[] }> {
    const blobs = [];
    for (const page of tensors.pages) blobs.push(await putHidden(page));
    const list = await putHidden(tensors.list);
    return { list, blobs: [...blobs, list] };
  }

  async function train(
    view: RoundView,
    round: OpenRound,
    own: RosterView,
    signal: AbortSignal,
  ): Promise<void> {
    await ahead.rest();
    const peers = view.roster.map(({ peer }) => peer);
    await desk.bring(view.run, round.baseRoot, peers);
    const base = bytesToHex(round.baseRoot);
    const known = kept.trained(round.round);
    const record = known?.base === base ? known : await trainAnew(view, round, own, signal);
    if (record === null) return;
    await ledger.commitUpdate({
      run: desk.id,
      round: round.round,
      payload: hexToBytes(record.update),
      sizeBytes: record.sizeBytes,
      baseRoot: round.baseRoot,
      traceRoot: hexToBytes(record.traceRoot),
      residualRoot: record.residual === null ? new Uint8Array(32) : hexToBytes(record.residual),
      steps: record.steps,
    });
    const { steps, meanLoss, sizeBytes } = record;
    onProgress({ kind: 'committed', round: round.round, steps, meanLoss, sizeBytes });
    log.info('update committed', { round: round.round, steps: record.steps, loss: record.meanLoss });
  }

  /** @returns null when it was paused, or came too late to begin */
  async function trainAnew(
    view: RoundView,
    round: OpenRound,
    own: RosterView,
    signal: AbortSignal,
  ): Promise<TrainedRecord | null> {
    const base = bytesToHex(round.baseRoot);
    const last = await ledger.paidRound(desk.id, round.round - 1);
    const before = residualOf(last, own.seat);
    const seats = view.roster.map(({ seat }) => seat);
    const place = placesOfRound(desk.manifest, { ...round, seats }, last)[own.place]!;
    await bringStart(desk, view, place.start);
    const paused = kept.paused();
    const isPaused = paused !== null && paused.round === round.round && paused.base === base;
    const bytes = isPaused ? await desk.library.get(paused.blob) : null;
    // What had to be fetched and made first took its time too.
    const now = await ledger.round(desk.id);
    if (now === null || now.run.phase !== 'train' || now.round?.round !== round.round) return null;
    const trained = await desk.compute.train(
      {
        base,
        run: desk.id,
        round: round.round,
        seat: own.seat,
        ...place,
        halvings: round.halvings,
        withinMs: slotsToTrain(round, now.slot) * slotMs,
        residual: before.kind === 'list' ? before.id : null,
        ...momentsFor(round.halvings),
        ...(bytes === null ? {} : { resume: bytes }),
      },
      { signal, onStep: (step) => onProgress({ kind: 'step', round: round.round, step, isAhead: false }) },
    );
    if ('paused' in trained) {
      await pause(round.round, base, trained);
      return null;
    }
    if (paused !== null) await forgetPaused(paused.blob);
    const { moments } = momentsFor(round.halvings);
    if (trained.moments !== null && trained.moments.taken < (moments?.taken ?? 0) + trained.steps)
      log.warn('kept moments were lost or damaged, the round began without', { round: round.round });
    const record = await keepTrained(round.round, base, trained);
    await keepMoments(trained, round.halvings);
    return record;
  }

  /** Moments of a higher learning rate led where the run was rolled back from. */
  function momentsFor(halvings: number): Pick<TrainPlace, 'moments'> {
    const moments = kept.moments();
    return moments?.halvings === halvings ? { moments: { list: moments.list, taken: moments.taken } } : {};
  }

  async function keepMoments({ moments }: TrainedPlace, halvings: number): Promise<void> {
    if (moments === null) return;
    const old = kept.moments();
    const { list, blobs } = await putPaged(moments);
    await kept.keepMoments({ list, taken: moments.taken, halvings, blobs });
    for (const blob of old?.blobs ?? []) if (!blobs.includes(blob)) await desk.library.drop(desk.name, blob);
  }

  /** Keeps everything of an update before anybody hears of it. Hidden: until commits are closed it could be copied. */
  async function keepTrained(round: number, base: string, trained: TrainedPlace): Promise<TrainedRecord> {
    const update = await putHidden(trained.update);
    const residual = trained.residual === null ? null : await putPaged(trained.residual);
    const { losses } = trained;
    const record: TrainedRecord = {
      ...{ round, base, update, residual: residual?.list ?? null },
      sizeBytes: trained.update.length,
      traceRoot: bytesToHex(trained.traceRoot),
      steps: trained.steps,
      meanLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      lastLoss: losses.at(-1)!,
      blobs: [...new Set([update, ...(residual?.blobs ?? [])])],
    };
    await kept.keep(record);
    return record;
  }

  async function pause(round: number, base: string, { paused }: PausedPlace): Promise<void> {
    const old = kept.paused();
    const blob = await putHidden(paused);
    await kept.keepPaused({ round, base, blob });
    if (old !== null && old.blob !== blob) await desk.library.drop(desk.name, old.blob);
    log.info('round paused', { round });
  }

  async function forgetPaused(blob: string): Promise<void> {
    await kept.keepPaused(null);
    await desk.library.drop(desk.name, blob);
  }

  /** From here on copies are worth nothing: all are bound to what they have. */
  async function show(round: number): Promise<void> {
    for (const blob of kept.trained(round)?.blobs ?? []) await desk.library.show(blob);
  }

  async function witness(view: RoundView, round: OpenRound, own: RosterView): Promise<void> {
    const { found, missing } = await fetchRoundUpdates(desk, view, {
      round: round.round,
      // Without them nobody can make the update again.
      withResiduals: desk.manifest.engineClass.length > 0,
    });
    const isDue = round.witnesses.includes(own.place) && !hasPlace(round.witnessed, own.place);
    // Peers may show theirs a moment later.
    if (!isDue || (missing > 0 && !isWaitOver(view))) {
      if (isDue) log.debug('updates are waited for', { round: round.round, missing });
      return;
    }
    await ledger.witness(desk.id, round.round, found);
    onProgress({
      kind: 'witnessed',
      round: round.round,
      found: updatesOf(view).length - missing,
      of: updatesOf(view).length,
    });
  }

  /** What no case and no newcomer can ask for any more. */
  async function tidy({ run }: RoundView): Promise<void> {
    const oldest = Math.min(run.unvestedRound, run.checkpointRound + 1) - 1;
    for (const { blobs } of await kept.forgetBefore(oldest))
      for (const blob of blobs) await desk.library.drop(desk.name, blob);
  }

  return {
    async act(view, signal) {
      const { round } = view;
      const own = ownPlace(view);
      await desk.tidy(view.run);
      if (round === null) return;
      if (view.run.phase !== 'train' && own !== null) await show(round.round);
      if (own === null) {
        await ahead.rest();
        await desk.bring(
          view.run,
          round.baseRoot,
          view.roster.map(({ peer }) => peer),
        );
        return;
      }
      const committed = own.update === null ? null : kept.trained(round.round);
      if (committed !== null) ahead.go(view, round, own, committed, signal);
      if (view.run.phase !== 'train') return witness(view, round, own);
      if (own.update === null) await train(view, round, own, signal);
      await tidy(view);
    },
  };
}
