import { bytesToHex, encode } from '@cairn/core';
import { isSaltRipe } from '@cairn/ledger';
import {
  closeEpoch,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  DEFAULT_SCORING_RULES,
  drawEpochTasks,
  type EpochOutcome,
  type EpochPlan,
} from '@cairn/mechanisms';
import { MAX_JUDGED_ROWS } from '../evidence/judge.ts';
import { askMiners } from './ask-miners.ts';
import { challengeMiners } from './challenge-miners.ts';
import { handIn, openState, revealDue } from './hand-in.ts';
import { createKeptAnswers } from './kept-answers.ts';
import { keepMeasured, tellMeasured } from './measurements.ts';
import { bindMissingSalts, saltBehind } from './salts.ts';
import { saveValidatorState, type WeightsInHand } from './state.ts';
import { readSubnetView, type SubnetView } from './subnet-view.ts';
import type { ValidatorOptions, ValidatorParts } from './validator-parts.ts';

/** Share of what is left of an epoch that is spent on asking; the rest is for the weights to get into a block. */
const ASKING_SHARE = 0.7;

/** Blocks in which a refused reveal comes before everything else; after that the epoch's work is not held up. */
const REVEAL_FIRST_BLOCKS = 3;

/** Scores the miners of one subnet, epoch after epoch, until the signal aborts. */
export async function runValidator(
  parts: ValidatorParts,
  options: ValidatorOptions,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, client, log } = parts;
  const reveals = createReveals(parts, options);
  // Each block is a chance to act; while an epoch is in hand the blocks in between are only counted.
  for await (const _ of ledger.events({ names: ['chain.committed'], signal })) {
    const view = await readSubnetView(ledger, options, client.address);
    if (view?.self == null) continue;
    try {
      if (await reveals.isFirst(view)) continue;
      await work(parts, options, view, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('validator could not act in this block', { epoch: view.epoch, error: String(error) });
    }
  }
}

/** Reveals what is due before anything else, and again in later blocks when that was refused. */
function createReveals(parts: ValidatorParts, options: ValidatorOptions) {
  let failedEpoch = 0n;
  let failures = 0;
  return {
    /** Whether this block was spent on a reveal. */
    async isFirst(view: SubnetView): Promise<boolean> {
      try {
        return await revealDue(parts, options, view, await openState(parts, options, view));
      } catch (error) {
        failures = failedEpoch === view.epoch ? failures + 1 : 1;
        failedEpoch = view.epoch;
        parts.log.warn('weights could not be revealed yet', { epoch: view.epoch, error: String(error) });
        return failures < REVEAL_FIRST_BLOCKS;
      }
    },
  };
}

async function work(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  signal: AbortSignal,
): Promise<void> {
  const state = await openState(parts, options, view);
  if (await bindMissingSalts(parts, options, view, state)) return;
  const { permit, bound, commits } = view.self!;
  const isDone = state.settled?.epoch === view.epoch || commits.some(({ epoch }) => epoch === view.epoch);
  if (permit && isDone && state.settled !== null) return tellMeasured(parts, options, state.settled);
  if (!permit || isDone) return;
  const made = state.inHand.find(({ scored }) => scored.epoch === view.epoch);
  // Made before a crash, or refused: what was published and saved is sent again as it is.
  if (made !== undefined) return handIn(parts, options, view, state, made);
  const [due] = bound;
  const current = { epoch: Number(view.epoch), mixedSalts: view.revealEpochs === null ? 0 : view.mixedSalts };
  if (due === undefined || !isSaltRipe(due, current) || view.miners.length === 0) return;
  await scoreEpoch(parts, options, view, saltBehind(parts, options, state, due.commitment)!, signal);
}

async function scoreEpoch(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  salt: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { crypto, clock, log, runner, client, ledger } = parts;
  const startedMs = clock.nowMs();
  const plan: Omit<EpochPlan, 'previous'> = {
    netuid: options.netuid,
    mechanismIndex: options.mechanism ?? 0,
    epoch: view.epoch,
    validator: client.account,
    epochSeed: view.seed,
    salt,
    params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
    rules: { ...DEFAULT_SCORING_RULES, tasks: countTasks(options, view) },
    miners: view.miners.map(({ uid, miner }) => ({ uid, miner })),
  };
  const tasks = drawEpochTasks(runner, plan);
  // A miner that drips its answers may use up its own chances, not the epoch of everybody.
  const deadline = new AbortController();
  const stopClock = parts.timer.schedule(view.leftMs * ASKING_SHARE, () => deadline.abort());
  const asking = AbortSignal.any([signal, deadline.signal]);
  const kept = createKeptAnswers(parts.records);
  await kept.forgetBefore(options.netuid, view.epoch);
  const challenged = challengeMiners(parts, salt, view.miners);
  const answers = await askMiners(
    { ...parts, chainId: options.chainId, kept },
    { ...plan, tasks, attempt: bytesToHex(parts.random.bytes(6)), signal: asking },
    view.miners,
  );
  stopClock();
  await challenged;
  if (signal.aborted) return;
  const now = await readSubnetView(ledger, options, client.address);
  if (now?.self == null || now.epoch !== view.epoch) {
    log.warn('the epoch ended before all answers were in', { epoch: view.epoch, answers: answers.length });
    return;
  }
  // Scores are carried over from the weights in force when these are handed in, which may have changed meanwhile.
  const state = await openState(parts, options, now);
  const outcome = await closeEpoch({ crypto, log }, runner, { ...plan, previous: state.settled }, answers);
  // Sealed evidence tells nothing without the salt, so it is published first and is there when the salt comes.
  await parts.publish(outcome.sealed);
  const weights: WeightsInHand = {
    scored: carryOn(view.epoch, outcome),
    salt,
    uids: [...outcome.weights.uids],
    values: [...outcome.weights.values],
    version: runner.manifest.version,
    isOpen: now.revealEpochs === null,
    next: null,
  };
  await keepMeasured(parts.records, options, view.epoch, outcome, view.miners, tasks.length);
  // On disk before it is sent: after a crash the ledger tells whether it got there.
  const inHand = { ...state, inHand: [...state.inHand, weights] };
  await saveValidatorState(parts.records, inHand);
  await handIn(parts, options, now, inHand, weights);
  const means = Object.fromEntries(outcome.scores.map(({ uid, mean }) => [uid, Number(mean) / 1e9]));
  log.info('epoch scored', {
    epoch: view.epoch,
    answers: answers.length,
    scores: means,
    ms: clock.nowMs() - startedMs,
  });
}

/** As many as were wanted, or as others will judge. */
function countTasks(
  { tasks = DEFAULT_SCORING_RULES.tasks }: ValidatorOptions,
  { miners }: SubnetView,
): number {
  return Math.min(tasks, Math.floor(MAX_JUDGED_ROWS / miners.length));
}

function carryOn(epoch: bigint, { root, scores }: EpochOutcome) {
  return { epoch, root, scores: scores.map(({ miner, smoothed }) => ({ miner, score: smoothed })) };
}
