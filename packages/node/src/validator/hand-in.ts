import { areBytesEqual, encode, sealToRound, TIMELOCK_RANDOM_BYTES } from '@cairn/core';
import { timelockedWeightsShape, weightsCommitment } from '@cairn/ledger';
import { commitmentOf, spareSalt } from './salts.ts';
import { readValidatorState, saveValidatorState, type ValidatorState, type WeightsInHand } from './state.ts';
import type { CommitView, SubnetView } from './subnet-view.ts';
import type { ValidatorOptions, ValidatorParts } from './validator-parts.ts';

/** Longest wait for a reveal before it is looked for and, if it is not there, sent again. Milliseconds. */
const MAX_REVEAL_WAIT_MS = 30_000;

/** What the ledger is committed to when these weights are. */
function commitmentTo(
  { crypto, client }: ValidatorParts,
  { netuid, mechanism = 0 }: ValidatorOptions,
  { scored, uids, values, version, salt }: WeightsInHand,
): Uint8Array {
  const epoch = Number(scored.epoch);
  const place = { netuid, mechanism, validator: client.account };
  return weightsCommitment(crypto, { ...place, epoch, uids, values, version, salt });
}

/** The kept state, brought up to what the ledger says of the transactions that were in hand. */
export async function openState(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
): Promise<ValidatorState> {
  const kept = readValidatorState(parts.records);
  const { bound, commits, rootInForce } = view.self!;
  const inForce = kept.inHand.find(
    ({ scored }) => rootInForce !== null && areBytesEqual(scored.root, rootInForce),
  );
  const inHand = kept.inHand.filter((weights) => {
    if (weights === inForce) return false;
    if (weights.scored.epoch >= view.epoch) return true;
    return commits.some((commit) => isOf(parts, options, weights, commit));
  });
  if (inHand.length === kept.inHand.length) return kept;
  const done = kept.inHand.filter((weights) => !inHand.includes(weights));
  // The salt of weights that were never committed is still a secret; all others may be known.
  const isStillSecret = ({ isOpen, salt }: WeightsInHand) =>
    !isOpen && bound.some(({ commitment }) => areBytesEqual(commitment, commitmentOf(parts, options, salt)));
  const known = done.filter((weights) => !isStillSecret(weights)).map(({ salt }) => salt);
  const state: ValidatorState = {
    salts: kept.salts.filter((salt) => !known.some((other) => areBytesEqual(salt, other))),
    inHand,
    settled: inForce?.scored ?? kept.settled,
  };
  await saveValidatorState(parts.records, state);
  if (inForce !== undefined && inForce.next !== null)
    parts.log.info('sealed weights were opened', { epoch: inForce.scored.epoch });
  for (const { scored } of done.filter((weights) => weights !== inForce))
    parts.log.warn('weights were not brought into force', { epoch: scored.epoch });
  return state;
}

function isOf(
  parts: ValidatorParts,
  options: ValidatorOptions,
  weights: WeightsInHand,
  { commitment, root }: CommitView,
): boolean {
  return (
    areBytesEqual(weights.scored.root, root) &&
    areBytesEqual(commitmentTo(parts, options, weights), commitment)
  );
}

/**
 * Reveals the oldest weights whose epoch this is, or waits for the ledger to open them. They are not shown to anybody
 * earlier.
 *
 * @returns false when nothing was due, or nothing can be done about it
 * @throws SdkError when the ledger refuses; it may be tried again while the epoch lasts
 */
export async function revealDue(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  state: ValidatorState,
): Promise<boolean> {
  const due = view.self!.commits.find(({ revealEpoch }) => revealEpoch === view.epoch);
  const weights = due && state.inHand.find((each) => isOf(parts, options, each, due));
  if (due === undefined || weights === undefined) return false;
  if (due.isTimelocked) {
    const lock = view.timelock?.locks.find(({ epoch }) => epoch === due.epoch);
    // The next weights go on from these, so they are waited for, until the round is late.
    if (lock !== undefined && parts.clock.nowMs() < lock.byHandMs) return true;
    // Opened and found bad, or not opened in time: neither can be helped.
    if (lock === undefined || lock.hasPulse) return false;
  }
  const { salt: next, state: saved } = await spareSalt(parts, options, view, state);
  const { scored, uids, values, version, salt } = weights;
  const timeoutMs = Math.min(MAX_REVEAL_WAIT_MS, Math.max(1_000, view.leftMs >> 2));
  await parts.client.send(
    'yuma.revealWeights',
    {
      netuid: options.netuid,
      mechanism: options.mechanism ?? 0,
      epoch: Number(scored.epoch),
      uids,
      values,
      version,
      salt,
      nextSaltCommitment: commitmentOf(parts, options, next),
    },
    { timeoutMs },
  );
  await settle(parts, saved, weights);
  parts.log.info('weights revealed', { epoch: scored.epoch });
  return true;
}

/** The weights are in force, so their salt is public. */
async function settle(
  { records }: ValidatorParts,
  state: ValidatorState,
  weights: WeightsInHand,
): Promise<void> {
  await saveValidatorState(records, {
    salts: state.salts.filter((salt) => !areBytesEqual(salt, weights.salt)),
    inHand: state.inHand.filter((other) => !areBytesEqual(other.scored.root, weights.scored.root)),
    settled: weights.scored,
  });
}

/** Sends weights that are on disk: their hash, or where they are set in the open, themselves. */
export async function handIn(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  state: ValidatorState,
  weights: WeightsInHand,
): Promise<void> {
  const { client } = parts;
  const { netuid, mechanism = 0 } = options;
  const { scored, uids, values, version, salt, isOpen } = weights;
  const epoch = Number(scored.epoch);
  const evidenceRoot = scored.root;
  const place = { netuid, mechanism, epoch };
  if (!isOpen) {
    const commitment = commitmentTo(parts, options, weights);
    if (view.isTimelocked) return handInSealed(parts, options, view, state, weights, commitment);
    await client.send('yuma.commitWeights', { ...place, commitment, evidenceRoot });
    return;
  }
  const { salt: next, state: saved } = await spareSalt(parts, options, view, state);
  const nextSaltCommitment = commitmentOf(parts, options, next);
  const message = { ...place, uids, values, version, evidenceRoot, salt, nextSaltCommitment };
  await client.send('yuma.setWeights', message);
  await settle(parts, saved, weights);
}

/** Seals weights to the round of their epoch. The salt they promise is on disk first: the ledger will bind it. */
async function handInSealed(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  state: ValidatorState,
  weights: WeightsInHand,
  commitment: Uint8Array,
): Promise<void> {
  const { netuid, mechanism = 0 } = options;
  const { scored, uids, values, version, salt } = weights;
  const { publicKey, round } = view.timelock!;
  const next = weights.next ?? (await promiseSalt(parts, options, view, state, weights));
  const plaintext = encode(timelockedWeightsShape, {
    uids,
    values,
    version,
    salt,
    nextSaltCommitment: commitmentOf(parts, options, next),
  });
  const ciphertext = sealToRound(publicKey, round, plaintext, parts.random.bytes(TIMELOCK_RANDOM_BYTES));
  const message = {
    netuid,
    mechanism,
    epoch: Number(scored.epoch),
    round,
    commitment,
    evidenceRoot: scored.root,
    ciphertext,
  };
  await parts.client.send('yuma.commitTimelocked', message);
  parts.log.info('weights sealed', { epoch: scored.epoch, round });
}

async function promiseSalt(
  parts: ValidatorParts,
  options: ValidatorOptions,
  view: SubnetView,
  state: ValidatorState,
  weights: WeightsInHand,
): Promise<Uint8Array> {
  const { salt: next, state: saved } = await spareSalt(parts, options, view, state);
  const inHand = saved.inHand.map((other) =>
    areBytesEqual(other.scored.root, weights.scored.root) ? { ...other, next } : other,
  );
  await saveValidatorState(parts.records, { ...saved, inHand });
  return next;
}
