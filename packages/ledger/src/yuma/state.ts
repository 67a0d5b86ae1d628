import {
  type AccountId,
  bool,
  bytes,
  bytes32,
  type Crypto,
  concatBytes,
  list,
  struct,
  u16,
  u32,
  u64,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable, numberId } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { MAX_REVEAL_EPOCHS, MAX_UIDS } from '../subnets/hyperparameters.ts';
import { neuronId } from '../subnets/state.ts';
import { MAX_ATTESTED } from './messages/attest-evidence.ts';
import { MAX_BOUND_SALTS } from './messages/commit-salt.ts';

/** A row as stored: four bytes for each entry, see `rowToBytes`. */
const rowBytes = bytes(4 * MAX_UIDS);

const weightsShape = struct('Weights', {
  row: rowBytes,
  slot: u64,
  /** Epoch in which they came into force: set in the open, or revealed. */
  epoch: u32,
  /** Epoch whose tasks they are the scores of. */
  scoredEpoch: u32,
  /** Slot from which nobody could change them: that of their commit, or of setting them. */
  committedSlot: u64,
  /** Version of the mechanism that scored. */
  version: u32,
  /** Root of the bundle from which anyone derives these weights again. */
  evidenceRoot: bytes32,
});
export type Weights = ValueOf<typeof weightsShape>;

/** A salt that its validator is bound to and that nobody has seen. Epochs count from 1. */
const boundSaltShape = struct('BoundSalt', {
  /** `saltCommitment` of it. */
  commitment: bytes32,
  /** Epoch in which it was committed. */
  epoch: u32,
});
export type BoundSalt = ValueOf<typeof boundSaltShape>;

/** Salts of one validator: those it is bound to, and the one of its latest reveal. */
export const saltShape = struct('Salt', {
  /** In the order in which they are used. */
  bound: list(boundSaltShape, MAX_BOUND_SALTS),
  /** Epoch in which an unused salt that was due was given up for another; 0: never. */
  replacedEpoch: u32,
  /** The latest salt that entered a seed, and when. */
  mixed: bytes32,
  mixedEpoch: u32,
});
export type Salt = ValueOf<typeof saltShape>;

/** Salts of a validator that has committed to none. */
export const NO_SALT: Salt = { bound: [], replacedEpoch: 0, mixed: new Uint8Array(32), mixedEpoch: 0 };

const weightsCommitShape = struct('WeightsCommit', {
  /** Epoch whose tasks were scored, and in which the commit was made. */
  epoch: u32,
  /** The only epoch in which it can be revealed. */
  revealEpoch: u32,
  slot: u64,
  /** Scheme by which the weights are hidden, see `commitSchemeOf`. */
  scheme: u32,
  commitment: bytes32,
  evidenceRoot: bytes32,
  /** The salt that the tasks were drawn with, which the reveal shows. */
  salt: boundSaltShape,
  /** Whether weights of the same epoch in another mechanism have shown that salt already. */
  isSaltShown: bool,
});
export type WeightsCommit = ValueOf<typeof weightsCommitShape>;

/** Weights of one validator that are still secret, by epoch: one for each, so no more than `revealEpochs` and one. */
const weightsCommitsShape = list(weightsCommitShape, MAX_REVEAL_EPOCHS + 1);

/** The validators whose evidence of one epoch a permit holder has fetched and opened, and how much each holds. */
const attestationShape = struct('Attestation', {
  epoch: u32,
  uids: list(u16, MAX_ATTESTED),
  /** Answers with a receipt, of each of `uids`. */
  answered: list(u32, MAX_ATTESTED),
});

export const epochShape = struct('EpochState', {
  /** Number of the current epoch of the subnet, from 1. */
  epoch: u32,
  /** What this epoch's tasks are drawn from. */
  seed: bytes32,
  previousSeed: bytes32,
  /** Salts that entered the seed; with none, everybody could foresee it. */
  mixedSalts: u32,
});
export type EpochState = ValueOf<typeof epochShape>;

function neuronRecords<T>(name: string, shape: Parameters<typeof defineTable<T>>[2]) {
  const table = defineTable('yuma', name, shape);
  return {
    table,
    get: (view: StateView, netuid: number, uid: number) => table.get(view, neuronId(netuid, uid)),
    set: (state: Overlay, netuid: number, uid: number, value: T) =>
      table.set(state, neuronId(netuid, uid), value),
    delete: (state: Overlay, netuid: number, uid: number) => table.delete(state, neuronId(netuid, uid)),
  };
}

/** What the latest epoch of one mechanism found of a neuron, where a subnet has several; as in `Neuron`. */
export const mechanismResultShape = struct('MechanismResult', {
  consensus: u16,
  incentive: u16,
  dividends: u16,
  trust: u16,
  emission: u64,
});
export type MechanismResult = ValueOf<typeof mechanismResultShape>;

/** Records of one neuron in one mechanism: `<netuid>/<uid>`, and `<netuid>/<uid>/<mechanism>` in any but the first. */
function mechanismRecords<T>(name: string, shape: Parameters<typeof defineTable<T>>[2]) {
  const table = defineTable('yuma', name, shape);
  const idOf = (netuid: number, uid: number, mechanism: number) =>
    mechanism === 0 ? neuronId(netuid, uid) : `${neuronId(netuid, uid)}/${numberId(mechanism)}`;
  return {
    table,
    get: (view: StateView, netuid: number, uid: number, mechanism = 0) =>
      table.get(view, idOf(netuid, uid, mechanism)),
    set: (state: Overlay, netuid: number, uid: number, value: T, mechanism = 0) =>
      table.set(state, idOf(netuid, uid, mechanism), value),
    delete: (state: Overlay, netuid: number, uid: number, mechanism = 0) =>
      table.delete(state, idOf(netuid, uid, mechanism)),
  };
}

export const weights = mechanismRecords('weights', weightsShape);
export const bonds = mechanismRecords('bonds', rowBytes);
export const salts = neuronRecords('salt', saltShape);
export const attestations = mechanismRecords('attestation', attestationShape);
export const weightsCommits = mechanismRecords('commits', weightsCommitsShape);
export const mechanismResults = mechanismRecords('result', mechanismResultShape);

const epochTable = defineTable('yuma', 'epoch', epochShape);

export const epochs = {
  get: (view: StateView, netuid: number): EpochState | undefined => epochTable.get(view, numberId(netuid)),
  set: (state: Overlay, netuid: number, value: EpochState) => epochTable.set(state, numberId(netuid), value),
  delete: (state: Overlay, netuid: number) => epochTable.delete(state, numberId(netuid)),
};

/** Nothing of a replaced neuron stays: its rows go, and its columns are masked by the slot of registration. */
export function forgetNeuron(state: Overlay, netuid: number, uid: number, mechanisms: number): void {
  salts.delete(state, netuid, uid);
  for (let mechanism = 0; mechanism < mechanisms; mechanism += 1)
    forgetInMechanism(state, netuid, uid, mechanism);
}

/** Nothing of a neuron stays in one mechanism. */
export function forgetInMechanism(state: Overlay, netuid: number, uid: number, mechanism: number): void {
  weights.delete(state, netuid, uid, mechanism);
  bonds.delete(state, netuid, uid, mechanism);
  attestations.delete(state, netuid, uid, mechanism);
  weightsCommits.delete(state, netuid, uid, mechanism);
  mechanismResults.delete(state, netuid, uid, mechanism);
}

const scheduleShape = list(struct('ScheduledEpoch', { netuid: u16, lastEpochSlot: u64, tempo: u32 }), 4_096);
export type ScheduledEpoch = ValueOf<typeof scheduleShape>[number];

/** When each subnet's epoch ran last and how far apart they are, ascending by netuid. */
export const scheduleCell = defineCell<ScheduledEpoch[]>('yuma', 'schedule', scheduleShape, []);

export function scheduledEpoch(view: StateView, netuid: number): ScheduledEpoch | undefined {
  return scheduleCell.get(view).find((entry) => entry.netuid === netuid);
}

/** Numbers of the subnets there are, ascending, above `after`. */
export function netuidsAfter(view: StateView, after: number | null): number[] {
  return scheduleCell.get(view).flatMap(({ netuid }) => (netuid > (after ?? 0) ? [netuid] : []));
}

/** Takes a subnet off the schedule: no epoch of it runs any more. */
export function unschedule(state: Overlay, netuid: number): void {
  scheduleCell.set(
    state,
    scheduleCell.get(state).filter((entry) => entry.netuid !== netuid),
  );
}

export function reschedule(state: Overlay, netuid: number, change: Partial<ScheduledEpoch>): void {
  scheduleCell.set(
    state,
    scheduleCell.get(state).map((entry) => (entry.netuid === netuid ? { ...entry, ...change } : entry)),
  );
}

/**
 * What a validator commits to before it reveals `salt`: SHA-256 of a tag, its place and the salt, so that nobody
 * can commit to the salt of another. The salt must be 32 fresh random bytes, or miners guess the tasks.
 */
export function saltCommitment(
  crypto: Crypto,
  netuid: number,
  validator: AccountId,
  salt: Uint8Array,
): Uint8Array {
  return crypto.sha256(
    concatBytes(utf8ToBytes('cairn/salt/v1'), u64ToBytes(BigInt(netuid)), validator, salt),
  );
}
