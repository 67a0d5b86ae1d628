import { type AccountId, type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { TransactionProblem } from '../execution/message.ts';
import type { WeightsCommit } from './state.ts';

/** One neuron, in one mechanism and epoch of its subnet. */
export interface Place {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uid: number;
  readonly hotkey: AccountId;
  /** Number of the subnet's epoch. */
  readonly epoch: number;
}

const describe = ({ netuid, mechanism, uid, hotkey, epoch }: Place) => ({
  netuid,
  mechanism,
  uid,
  hotkey: accountIdToAddress(hotkey),
  epoch,
});

export function weightsSet(
  context: BlockContext,
  place: Place,
  {
    scoredEpoch,
    salt,
    nextSaltCommitment,
    evidenceRoot,
  }: {
    scoredEpoch: number;
    salt: Uint8Array;
    /** Null where another mechanism has shown the salt. */
    nextSaltCommitment: Uint8Array | null;
    evidenceRoot: Uint8Array;
  },
): void {
  context.emit('yuma.weightsSet', {
    ...describe(place),
    scoredEpoch,
    salt: bytesToHex(salt),
    nextSaltCommitment: nextSaltCommitment === null ? null : bytesToHex(nextSaltCommitment),
    evidenceRoot: bytesToHex(evidenceRoot),
  });
}

/** @param added commitments that were not there before */
export function saltCommitted(
  context: BlockContext,
  { netuid, uid, hotkey, epoch }: Omit<Place, 'mechanism'>,
  added: readonly Uint8Array[],
): void {
  context.emit('yuma.saltCommitted', {
    netuid,
    uid,
    hotkey: accountIdToAddress(hotkey),
    epoch,
    commitments: added.map(bytesToHex),
  });
}

/** @param round to which timelocked weights are sealed; null for a hash */
export function weightsCommitted(
  context: BlockContext,
  place: Place,
  commit: WeightsCommit,
  round: bigint | null,
): void {
  context.emit('yuma.weightsCommitted', {
    ...describe(place),
    revealEpoch: commit.revealEpoch,
    scheme: commit.scheme,
    round: round?.toString() ?? null,
    commitment: bytesToHex(commit.commitment),
    evidenceRoot: bytesToHex(commit.evidenceRoot),
    saltCommitment: bytesToHex(commit.salt.commitment),
    saltEpoch: commit.salt.epoch,
  });
}

/** @param posted `closed` counts the validators whose weights the pulse opens */
export function pulsePosted(
  context: BlockContext,
  posted: {
    readonly netuid: number;
    readonly round: bigint;
    readonly signature: Uint8Array;
    readonly closed: number;
  },
): void {
  context.emit('yuma.pulsePosted', {
    ...posted,
    round: posted.round.toString(),
    signature: bytesToHex(posted.signature),
  });
}

/** Sealed weights were opened and are not what their validator is bound to. */
export function timelockSpoiled(
  context: BlockContext,
  place: Place,
  commit: WeightsCommit,
  round: bigint,
  { code, message }: TransactionProblem,
): void {
  context.emit('yuma.timelockSpoiled', {
    ...describe(place),
    scoredEpoch: commit.epoch,
    round: round.toString(),
    code,
    message,
  });
}

/**
 * Sealed weights were not opened in their epoch, by no fault of their validator.
 *
 * @param place names the epoch that is over
 */
export function timelockLapsed(
  context: BlockContext,
  place: Place,
  commit: WeightsCommit,
  { round, isPulseThere }: { readonly round: bigint; readonly isPulseThere: boolean },
): void {
  context.emit('yuma.timelockLapsed', {
    ...describe(place),
    scoredEpoch: commit.epoch,
    round: round.toString(),
    reason: isPulseThere ? 'notOpenedInTime' : 'pulseMissing',
    evidenceRoot: bytesToHex(commit.evidenceRoot),
  });
}

/** @param place names the epoch that is over */
export function revealMissed(context: BlockContext, place: Place, commit: WeightsCommit): void {
  context.emit('yuma.revealMissed', {
    ...describe(place),
    scoredEpoch: commit.epoch,
    commitment: bytesToHex(commit.commitment),
    evidenceRoot: bytesToHex(commit.evidenceRoot),
  });
}

/** @param word `answered` counts the answers in the evidence of each of `uids` */
export function evidenceAttested(
  context: BlockContext,
  place: Place,
  word: { readonly uids: readonly number[]; readonly answered: readonly number[] },
): void {
  context.emit('yuma.evidenceAttested', { ...describe(place), ...word });
}

/** Why a validator lost the dividends of an epoch, or with less evidence than others a part of them. */
export type ForfeitReason = 'saltWithheld' | 'commitMissed' | 'evidenceWithheld' | 'lessEvidence';

export function dividendsForfeited(
  context: BlockContext,
  place: Place,
  amount: Amount,
  reason: ForfeitReason,
): void {
  context.emit('yuma.dividendsForfeited', { ...describe(place), amount: amount.toString(), reason });
}

export function epochRan(
  context: BlockContext,
  ran: {
    readonly netuid: number;
    readonly epoch: number;
    readonly seed: Uint8Array;
    readonly nextSeed: Uint8Array;
    readonly salts: number;
    readonly emission: Amount;
    readonly paid: Amount;
    /** Parts of the emission of the mechanisms, less the owner's cut. */
    readonly mechanisms: readonly Amount[];
  },
): void {
  context.emit('yuma.epochRan', {
    netuid: ran.netuid,
    epoch: ran.epoch,
    slot: context.slot.toString(),
    seed: bytesToHex(ran.seed),
    nextSeed: bytesToHex(ran.nextSeed),
    salts: ran.salts,
    emission: ran.emission.toString(),
    paid: ran.paid.toString(),
    mechanisms: ran.mechanisms.map(String),
  });
}

/** @param parts of each mechanism from the next epoch on, of 65,535 */
export function mechanismsChanged(
  context: BlockContext,
  change: { readonly netuid: number; readonly epoch: number; readonly parts: readonly number[] },
): void {
  context.emit('yuma.mechanismsChanged', change);
}
