import { account, bytes, list, PULSE_BYTES, struct, u16, u32, u64, type ValueOf } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { defineCell, defineTable, numberId } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';
import { MAX_REVEAL_EPOCHS } from '../../subnets/hyperparameters.ts';
import { neuronId } from '../../subnets/state.ts';
import { MAX_ATTESTED } from '../messages/attest-evidence.ts';
import { MAX_TIMELOCKED_BYTES } from '../messages/commit-timelocked.ts';
import type { MechanismPlace } from '../shared-salt.ts';
import { weightsCommits } from '../state.ts';

const sealedWeightsShape = struct('SealedWeights', {
  /** Who paid the deposit: the validator. */
  hotkey: account,
  deposit: u64,
  ciphertext: bytes(MAX_TIMELOCKED_BYTES),
});
export type SealedWeights = ValueOf<typeof sealedWeightsShape>;

const sealedTable = defineTable('yuma', 'sealed', sealedWeightsShape);
/** `<netuid>/<uid>/<epoch>`, and `<netuid>/<uid>/<epoch>/<mechanism>` in any but the first. */
function sealedId(netuid: number, uid: number, epoch: number, mechanism: number): string {
  const first = `${neuronId(netuid, uid)}/${epoch.toString().padStart(10, '0')}`;
  return mechanism === 0 ? first : `${first}/${numberId(mechanism)}`;
}

/** Timelocked weights that nobody has opened, by the epoch and mechanism of their commit. */
export const sealedWeights = {
  table: sealedTable,
  get: (view: StateView, netuid: number, uid: number, epoch: number, mechanism = 0) =>
    sealedTable.get(view, sealedId(netuid, uid, epoch, mechanism)),
  set: (state: Overlay, netuid: number, uid: number, epoch: number, value: SealedWeights, mechanism = 0) =>
    sealedTable.set(state, sealedId(netuid, uid, epoch, mechanism), value),
  /** Removes a record that is there, and gives its deposit back. */
  release(context: BlockContext, netuid: number, uid: number, epoch: number, mechanism = 0): void {
    const { hotkey, deposit } = sealedWeights.get(context.state, netuid, uid, epoch, mechanism)!;
    sealedTable.delete(context.state, sealedId(netuid, uid, epoch, mechanism));
    releaseDeposit(context, hotkey, deposit);
  },
};

const timelockShape = struct('Timelock', {
  /** Epoch of the commits. */
  epoch: u32,
  /** Epoch in which they are opened and count. */
  revealEpoch: u32,
  /** Round of the beacon that opens all of them, fixed by the first. */
  round: u64,
  /** Block time from which no more commits are taken. Milliseconds. */
  closesMs: u64,
  /** Block time from which they may be revealed by hand, if the pulse is not there. Milliseconds. */
  byHandMs: u64,
  /** Whose are still closed in some mechanism, in the order of their first commits. */
  uids: list(u16, MAX_ATTESTED),
  /** The pulse of the round; empty until somebody posts it. */
  signature: bytes(PULSE_BYTES),
});
export type Timelock = ValueOf<typeof timelockShape>;

const timelockTable = defineTable('yuma', 'timelocks', list(timelockShape, MAX_REVEAL_EPOCHS + 1));

/** Epochs of a subnet whose weights are locked to a round, the oldest first. */
export const timelocks = {
  get: (view: StateView, netuid: number): readonly Timelock[] =>
    timelockTable.get(view, numberId(netuid)) ?? [],
  find: (view: StateView, netuid: number, epoch: number): Timelock | undefined =>
    timelocks.get(view, netuid).find((lock) => lock.epoch === epoch),
  set(state: Overlay, netuid: number, locks: readonly Timelock[]): void {
    if (locks.length > 0) timelockTable.set(state, numberId(netuid), [...locks]);
    else if (timelockTable.get(state, numberId(netuid)) !== undefined) timelocks.delete(state, netuid);
  },
  /** Stores one in place of that of the same epoch, or as the latest. */
  put(state: Overlay, netuid: number, lock: Timelock): void {
    const others = timelocks.get(state, netuid).filter(({ epoch }) => epoch !== lock.epoch);
    timelocks.set(
      state,
      netuid,
      [...others, lock].sort((a, b) => a.epoch - b.epoch),
    );
  },
  delete: (state: Overlay, netuid: number) => timelockTable.delete(state, numberId(netuid)),
};

/** Most epochs whose weights are being opened at a time. */
export const MAX_OPENINGS = 4_096;

/** Epochs of subnets whose pulse is there, in the order in which the pulses came. */
export const openingsCell = defineCell<{ netuid: number; epoch: number }[]>(
  'yuma',
  'openings',
  list(struct('Opening', { netuid: u16, epoch: u32 }), MAX_OPENINGS),
  [],
);

/** Drops what a neuron has sealed in one mechanism, before its commits go. */
export function dropSealedWeights(context: BlockContext, { netuid, uid, mechanism }: MechanismPlace): void {
  for (const { epoch } of weightsCommits.get(context.state, netuid, uid, mechanism) ?? []) {
    if (sealedWeights.get(context.state, netuid, uid, epoch, mechanism) !== undefined)
      sealedWeights.release(context, netuid, uid, epoch, mechanism);
  }
}

/** Drops all that a neuron has sealed, before it is forgotten. */
export function dropAllSealed(context: BlockContext, netuid: number, uid: number, mechanisms: number): void {
  for (let mechanism = 0; mechanism < mechanisms; mechanism += 1)
    dropSealedWeights(context, { netuid, uid, mechanism });
}
