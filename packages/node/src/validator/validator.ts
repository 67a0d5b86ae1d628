import {
  areBytesEqual,
  bytesToHex,
  type Clock,
  type Crypto,
  encode,
  type Logger,
  type Random,
} from '@cairn/core';
import { saltCommitment } from '@cairn/ledger';
import {
  closeEpoch,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  DEFAULT_SCORING_RULES,
  drawEpochTasks,
  type EpochOutcome,
  type EpochPlan,
  type ServiceRunner,
} from '@cairn/mechanisms';
import type { LedgerReader, RecordStore, Timer, Transport } from '@cairn/protocol';
import type { AccountClient, Payer } from '@cairn/sdk';
import { askMiners } from './ask-miners.ts';
import { readValidatorState, saveValidatorState, type ValidatorState } from './state.ts';
import { readSubnetView, type SubnetView } from './subnet-view.ts';

export interface ValidatorParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly ledger: LedgerReader;
  /** The hotkey: signs weights and pays for questions from its own channels. */
  readonly client: AccountClient;
  readonly payer: Payer;
  readonly transport: Transport;
  /** Keeps sealed evidence and hands it to whoever asks. */
  readonly publish: (sealed: Uint8Array) => Promise<void>;
  readonly records: RecordStore;
  readonly runner: ServiceRunner;
  readonly log: Logger;
}

export interface ValidatorOptions {
  readonly netuid: number;
  readonly chainId: Uint8Array;
  /** Tasks for each miner in an epoch. @default the mechanism's own */
  readonly tasks?: number;
}

/** Share of what is left of an epoch that is spent on asking; the rest is for the weights to get into a block. */
const ASKING_SHARE = 0.7;

/** Scores the miners of one subnet, epoch after epoch, until the signal aborts. */
export async function runValidator(
  parts: ValidatorParts,
  options: ValidatorOptions,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, client, log } = parts;
  // Each block is a chance to act; while an epoch is in hand the blocks in between are only counted.
  for await (const _ of ledger.events({ names: ['chain.committed'], signal })) {
    const view = await readSubnetView(ledger, options.netuid, client.address);
    if (view?.self == null) continue;
    try {
      await act(parts, options, view, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('validator could not act in this block', { epoch: view.epoch, error: String(error) });
    }
  }
}

async function act(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  signal: AbortSignal,
): Promise<void> {
  const state = await openState(parts, options, view);
  const committed = view.self!.salt;
  if (committed === null || !areBytesEqual(committed.commitment, commitmentOf(parts, options, state.salt))) {
    // The first salt, or one that was lost with this validator's records.
    await parts.client.send('yuma.commitSalt', {
      netuid: options.netuid,
      commitment: commitmentOf(parts, options, state.salt),
    });
    return;
  }
  const isSettled = state.settled !== null && state.settled.epoch >= view.epoch;
  if (!view.self!.permit || committed.committedEpoch >= view.epoch || isSettled || view.miners.length === 0)
    return;
  await runEpoch(parts, options, view, state, signal);
}

const commitmentOf = (parts: ValidatorParts, { netuid }: ValidatorOptions, salt: Uint8Array) =>
  saltCommitment(parts.crypto, netuid, parts.client.account, salt);

/** The kept state, brought up to what the ledger says of the transaction that was in hand. */
async function openState(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
): Promise<ValidatorState> {
  const kept = readValidatorState(parts.records);
  if (kept === null) {
    const fresh = {
      salt: parts.random.bytes(32),
      nextSalt: parts.random.bytes(32),
      pending: null,
      settled: null,
    };
    await saveValidatorState(parts.records, fresh);
    return fresh;
  }
  const onLedger = view.self!.salt?.commitment;
  const isDone =
    kept.pending !== null &&
    onLedger !== undefined &&
    areBytesEqual(onLedger, commitmentOf(parts, options, kept.nextSalt));
  if (isDone) return settle(parts, kept);
  if (kept.pending === null || kept.pending.epoch >= view.epoch) return kept;
  // The weights were sent and refused, or came too late: whoever saw them knows the salt.
  const renewed = { ...kept, salt: parts.random.bytes(32), pending: null };
  await saveValidatorState(parts.records, renewed);
  return renewed;
}

/** The weights in hand are on the ledger, so their salt is public and the next one is in use. */
async function settle(parts: ValidatorParts, state: ValidatorState): Promise<ValidatorState> {
  const settled = {
    salt: state.nextSalt,
    nextSalt: parts.random.bytes(32),
    pending: null,
    settled: state.pending,
  };
  await saveValidatorState(parts.records, settled);
  return settled;
}

async function runEpoch(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  state: ValidatorState,
  signal: AbortSignal,
): Promise<void> {
  const { crypto, clock, log, runner, client } = parts;
  const startedMs = clock.nowMs();
  const plan: EpochPlan = {
    netuid: options.netuid,
    epoch: view.epoch,
    validator: client.account,
    epochSeed: view.seed,
    salt: state.salt,
    params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
    rules: { ...DEFAULT_SCORING_RULES, tasks: options.tasks ?? DEFAULT_SCORING_RULES.tasks },
    previous: state.settled,
    miners: view.miners.map(({ uid, miner }) => ({ uid, miner })),
  };
  const tasks = drawEpochTasks(runner, plan);
  // A miner that drips its answers may use up its own chances, not the epoch of everybody.
  const deadline = new AbortController();
  const stopClock = parts.timer.schedule(view.leftMs * ASKING_SHARE, () => deadline.abort());
  const asking = AbortSignal.any([signal, deadline.signal]);
  const answers = await askMiners(
    { ...parts, chainId: options.chainId },
    { ...plan, tasks, attempt: bytesToHex(parts.random.bytes(6)), signal: asking },
    view.miners,
  );
  stopClock();
  if (signal.aborted) return;
  if (!(await isStillEpoch(parts, options, view.epoch))) {
    log.warn('the epoch ended before all answers were in', { epoch: view.epoch, answers: answers.length });
    return;
  }
  const outcome = await closeEpoch({ crypto, log }, runner, plan, answers);
  // Sealed evidence tells nothing without the salt, so it is published first and is there when the salt comes.
  await parts.publish(outcome.sealed);
  // On disk before it is sent: after a crash the ledger tells whether it got there.
  const inHand = { ...state, pending: carryOn(view.epoch, outcome) };
  await saveValidatorState(parts.records, inHand);
  await client.send('yuma.setWeights', {
    netuid: options.netuid,
    epoch: Number(view.epoch),
    uids: outcome.weights.uids,
    values: outcome.weights.values,
    version: runner.manifest.version,
    evidenceRoot: outcome.root,
    salt: state.salt,
    nextSaltCommitment: commitmentOf(parts, options, state.nextSalt),
  });
  await settle(parts, inHand);
  const means = Object.fromEntries(outcome.scores.map(({ uid, mean }) => [uid, Number(mean) / 1e9]));
  log.info('epoch scored', {
    epoch: view.epoch,
    answers: answers.length,
    scores: means,
    ms: clock.nowMs() - startedMs,
  });
}

async function isStillEpoch(
  { ledger }: ValidatorParts,
  { netuid }: ValidatorOptions,
  epoch: bigint,
): Promise<boolean> {
  const seed = await ledger.query<{ epoch: number } | null>('yuma_seed', { netuid });
  return seed !== null && BigInt(seed.epoch) === epoch;
}

function carryOn(epoch: bigint, { root, scores }: EpochOutcome) {
  return { epoch, root, scores: scores.map(({ miner, smoothed }) => ({ miner, score: smoothed })) };
}
