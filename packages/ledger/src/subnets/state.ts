import {
  type AccountId,
  account,
  bool,
  bytesToHex,
  list,
  optional,
  struct,
  text,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable, numberId } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { hyperparametersShape, MAX_MECHANISMS } from './hyperparameters.ts';
import { measureShape } from './measure.ts';

/** Most subnets there can be at a time, whatever `subnetLimit` says. */
export const MAX_SUBNETS = 4_096;

/** Highest number of a subnet. Numbers are never given twice. */
export const MAX_NETUID = 65_535;

/** Largest name of a subnet, in bytes. */
export const MAX_SUBNET_NAME_BYTES = 64;

const mechanismShape = struct('Mechanism', {
  /** Its part of the emission of each epoch, of 65,535. */
  part: u16,
  /** Slot at which it began. */
  beganSlot: u64,
  /** By which program it scores; null: its owner declared none. */
  measure: optional(measureShape),
});

export const subnetShape = struct('Subnet', {
  name: text(MAX_SUBNET_NAME_BYTES),
  owner: account,
  /** Pebbles that its creator locked, which began the reserve of its pool. */
  locked: u64,
  /** Refundable deposit of its records, paid by the owner. */
  deposit: u64,
  createdSlot: u64,
  /** Slot at which somebody last matched a challenger; 0: never. */
  matchedSlot: u64,
  /** Uids in use: 0 to one below this. A uid is given to another neuron, never left empty. */
  neuronCount: u16,
  /** Price of a neuron at `burnSlot`, before the decay since. */
  burn: u64,
  burnSlot: u64,
  /** Height of the latest registration and how many there were at it. */
  registrationHeight: u64,
  registrationsAtHeight: u16,
  /** Slot of the latest change of hyperparameters; 0: never. */
  hyperparametersSlot: u64,
  hyperparameters: hyperparametersShape,
  /** Its scoring mechanisms by their number, from 0; always one at least. */
  mechanisms: list(mechanismShape, MAX_MECHANISMS),
  /** Parts of those it has from the next epoch on; none: the same. */
  announcedParts: list(u16, MAX_MECHANISMS),
  /** Slot of the latest announcement of mechanisms; 0: never. */
  mechanismsSlot: u64,
});
export type Subnet = ValueOf<typeof subnetShape>;

/**
 * Bytes that the deposit of a subnet is reckoned from: its record, with two mechanisms that say what they measure by,
 * and those of its schedule, seed, pot and notice.
 */
export const SUBNET_BYTES = 1_400;

/** One place on a subnet and what its latest epoch gave it. u16 values are proportions of 65,535. */
export const neuronShape = struct('Neuron', {
  hotkey: account,
  registeredSlot: u64,
  /** Slot of its latest weights, at first of its registration. */
  lastUpdateSlot: u64,
  /** Validator permit for the current epoch. */
  permit: bool,
  consensus: u16,
  incentive: u16,
  dividends: u16,
  /** How much of its weights agreed with consensus. */
  trust: u16,
  /** Tokens of the latest epoch, mining and validating together; the least earning is pruned. */
  emission: u64,
  /** Epochs whose dividends it lost because it did not reveal, or committed no weights, in time. */
  missedReveals: u32,
  /** Epochs whose dividends it lost because its evidence could not be had; those of a missed reveal not counted. */
  withheldEvidence: u32,
});
export type Neuron = ValueOf<typeof neuronShape>;

const subnetTable = defineTable('subnets', 'subnet', subnetShape);

export const subnets = {
  table: subnetTable,
  get: (view: StateView, netuid: number) => subnetTable.get(view, numberId(netuid)),
  set: (state: Overlay, netuid: number, value: Subnet) => subnetTable.set(state, numberId(netuid), value),
  delete: (state: Overlay, netuid: number) => subnetTable.delete(state, numberId(netuid)),
};

const neuronTable = defineTable('subnets', 'neuron', neuronShape);

/** Id of a record of one neuron: `<netuid>/<uid>`. */
export function neuronId(netuid: number, uid: number): string {
  return `${numberId(netuid)}/${numberId(uid)}`;
}

export const neurons = {
  table: neuronTable,
  get: (view: StateView, netuid: number, uid: number) => neuronTable.get(view, neuronId(netuid, uid)),
  set: (state: Overlay, netuid: number, uid: number, value: Neuron) =>
    neuronTable.set(state, neuronId(netuid, uid), value),
  delete: (state: Overlay, netuid: number, uid: number) => neuronTable.delete(state, neuronId(netuid, uid)),
};

/** All neurons of a subnet by uid. Reads `neuronCount` records. */
export function readNeurons(view: StateView, netuid: number, neuronCount: number): Neuron[] {
  return Array.from({ length: neuronCount }, (_, uid) => neurons.get(view, netuid, uid)!);
}

const uidTable = defineTable('subnets', 'uid', u16);
const uidId = (netuid: number, hotkey: AccountId) => `${numberId(netuid)}/${bytesToHex(hotkey)}`;

/** Uid of a hotkey on a subnet. */
export const uids = {
  get: (view: StateView, netuid: number, hotkey: AccountId) => uidTable.get(view, uidId(netuid, hotkey)),
  set: (state: Overlay, netuid: number, hotkey: AccountId, uid: number) =>
    uidTable.set(state, uidId(netuid, hotkey), uid),
  delete: (state: Overlay, netuid: number, hotkey: AccountId) =>
    uidTable.delete(state, uidId(netuid, hotkey)),
};

/** What the next subnet is numbered and costs from. Subnets are numbered from 1, and no number is given twice. */
export const subnetsCell = defineCell(
  'subnets',
  'network',
  struct('SubnetNetwork', {
    /** Subnets ever created. */
    count: u16,
    /** Of those how many there are. */
    alive: u16,
    lastLock: u64,
    lastLockSlot: u64,
  }),
  { count: 0, alive: 0, lastLock: 0n, lastLockSlot: 0n },
);

/** Whether there was a subnet of this number and is none any more. */
export function isDissolved(view: StateView, netuid: number): boolean {
  return netuid > 0 && netuid <= subnetsCell.get(view).count && subnets.get(view, netuid) === undefined;
}
