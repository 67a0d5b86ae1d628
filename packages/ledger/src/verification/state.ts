import {
  type AccountId,
  account,
  areBytesEqual,
  bytes32,
  bytesToHex,
  list,
  struct,
  text,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable } from '../state/table.ts';
import type { StateView } from '../state/view.ts';
import { rosterCell } from '../validators/state.ts';

/** Most open cases, and of them those that one validator opened. */
export const MAX_CASES = 256;
export const MAX_CASES_OF_ONE = 8;
/** Most validators that stand behind one case. */
export const MAX_SUPPORTERS = 100;
/** Receipts that a provider was convicted for and cannot be again, the oldest forgotten first. */
const MAX_CONVICTED = 32;
/** Engines that one artifact is calibrated for. */
export const MAX_CALIBRATED_ENGINES = 8;

/** Bytes that deposits are reckoned from: a case with all its supporters and its turn; an artifact's calibrations. */
export const CASE_BYTES = 3_520;
export const CALIBRATIONS_BYTES = 1_040;

/** The answer that is none. */
export const NO_REVEAL: Uint8Array = new Uint8Array(32);

const caseShape = struct('VerdictCase', {
  provider: account,
  /** Who opened it and paid the deposit. */
  accuser: account,
  offenceHeight: u64,
  evidence: bytes32,
  /** Slot from which it is decided. */
  untilSlot: u64,
  /** The provider's one answer; zero while there is none. */
  reveal: bytes32,
  /** Validators that found the fault themselves, and have looked at the answer if there is one. */
  supporters: list(account, MAX_SUPPORTERS),
  /** Refundable, in pebbles. */
  deposit: u64,
});
export type VerdictCase = ValueOf<typeof caseShape>;

/** Receipt id → case that is open. */
export const cases = defineTable('verification', 'case', caseShape);

/** Open cases in the order they were opened. */
export const openCasesCell = defineCell(
  'verification',
  'open',
  list(struct('OpenCase', { receipt: bytes32, accuser: account, untilSlot: u64 }), MAX_CASES),
  [],
);

const convictedShape = struct('Convicted', {
  verdicts: u32,
  /** Pebbles of stake lost at once. */
  slashed: u64,
  lastHeight: u64,
  receipts: list(bytes32, MAX_CONVICTED),
});
export type Convicted = ValueOf<typeof convictedShape>;

const convictedTable = defineTable('verification', 'convicted', convictedShape);

/** What providers were convicted of. Kept for good; only a verdict adds to it. */
export const convicted = {
  get: (view: StateView, provider: AccountId): Convicted =>
    convictedTable.get(view, bytesToHex(provider)) ?? {
      verdicts: 0,
      slashed: 0n,
      lastHeight: 0n,
      receipts: [],
    },
  set: (state: Parameters<typeof convictedTable.set>[0], provider: AccountId, record: Convicted): void =>
    convictedTable.set(state, bytesToHex(provider), {
      ...record,
      receipts: record.receipts.slice(-MAX_CONVICTED),
    }),
};

const calibrationsShape = struct('Calibrations', {
  owner: account,
  engines: list(
    struct('EngineCalibration', { engine: text(64), calibration: bytes32, sizeBytes: u32 }),
    MAX_CALIBRATED_ENGINES,
  ),
  /** Refundable, in pebbles. */
  deposit: u64,
});
export type Calibrations = ValueOf<typeof calibrationsShape>;

const calibrationsTable = defineTable('verification', 'calibrations', calibrationsShape);

/** Limits that checks of an artifact go by, of each engine: who publishes the model says them. */
export const calibrations = {
  table: calibrationsTable,
  idOf: (model: Uint8Array, artifact: Uint8Array): string => `${bytesToHex(model)}/${bytesToHex(artifact)}`,
};

/** Voting power of some accounts and of everybody, without that of the provider, who is no judge of itself. */
export function powerBehind(
  view: StateView,
  provider: AccountId,
  accounts: readonly AccountId[],
): { readonly power: bigint; readonly total: bigint } {
  let [power, total] = [0n, 0n];
  for (const entry of rosterCell.get(view).validators) {
    if (areBytesEqual(entry.account, provider)) continue;
    total += entry.power;
    if (accounts.some((other) => areBytesEqual(other, entry.account))) power += entry.power;
  }
  return { power, total };
}

/** Whether an account may judge a provider: it votes on blocks, with power, and is another one. */
export const isJudge = (view: StateView, id: AccountId, provider: AccountId): boolean =>
  powerBehind(view, provider, [id]).power > 0n;
