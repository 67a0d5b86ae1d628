import type { Crypto } from '@cairn/core';
import type { EpochScore } from '../epoch.ts';
import type { ScoringRules, Weights } from '../scoring/shape.ts';
import type { ServiceRunner, ServiceTask } from '../service-tasks.ts';
import type { EvidenceBundle } from './bundle.ts';

/** What a receipt must prove: this miner answered this request of this validator with these bytes. */
export interface ReceiptClaim {
  readonly netuid: number;
  readonly epoch: bigint;
  readonly validator: Uint8Array;
  readonly miner: Uint8Array;
  readonly task: ServiceTask;
  readonly response: Uint8Array;
  readonly receipt: Uint8Array;
}

export type ReceiptVerdict = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** A row that says that a miner did not answer. */
export interface SilenceClaim {
  readonly netuid: number;
  readonly epoch: bigint;
  readonly validator: Uint8Array;
  readonly uid: number;
  readonly miner: Uint8Array;
  readonly task: ServiceTask;
}

export interface AuditParts {
  readonly crypto: Crypto;
  /** Mechanisms this build can run. */
  readonly runners: readonly ServiceRunner[];
  /** Judges bytes of strangers, so it returns a verdict and does not throw. */
  readonly verifyReceipt: (claim: ReceiptClaim) => ReceiptVerdict | Promise<ReceiptVerdict>;
  /**
   * Of these claims those that a receipt refutes which both the miner and the validator have signed. Absent: silence
   * is not looked into.
   */
  readonly findRefuted?: (claims: readonly SilenceClaim[]) => Promise<readonly SilenceClaim[]>;
}

/** What the ledger says about the epoch. What is absent is listed as not verified. */
export interface LedgerFacts {
  readonly saltCommitment: Uint8Array;
  readonly epochSeed: Uint8Array;
  /** SHA-256 of the sealed bundle. */
  readonly evidenceRoot: Uint8Array;
  readonly weights: Weights;
  /** Who was to be scored. */
  readonly miners?: readonly { readonly uid: number; readonly miner: Uint8Array }[];
  /** How the subnet says work is measured and paid. */
  readonly measure?: {
    readonly mechanism: string;
    readonly mechanismVersion: number;
    readonly params: Uint8Array;
    readonly rules: ScoringRules;
  };
  /** The bundle that `previousRoot` names, whose own root is on the ledger. */
  readonly previous?: EvidenceBundle;
}

export type AuditCode =
  | 'VERSION_UNKNOWN'
  | 'MECHANISM_UNKNOWN'
  | 'MECHANISM_UNDECLARED'
  | 'ROOT_MISMATCH'
  | 'SALT_MISMATCH'
  | 'SEED_MISMATCH'
  | 'MEASURE_MISMATCH'
  | 'PARAMS_INVALID'
  | 'MINERS_MISMATCH'
  | 'CARRIED_MISMATCH'
  | 'ROW_MISSING'
  | 'ROW_REPEATED'
  | 'ROW_UNKNOWN'
  | 'REQUEST_MISMATCH'
  | 'RECEIPT_INVALID'
  | 'SILENCE_REFUTED'
  | 'SCORE_MISMATCH'
  | 'WEIGHTS_MISMATCH'
  | 'LEDGER_WEIGHTS_MISMATCH';

export interface AuditFinding {
  readonly code: AuditCode;
  readonly message: string;
  readonly uid?: number;
  readonly taskIndex?: number;
}

export interface AuditReport {
  readonly ok: boolean;
  readonly findings: readonly AuditFinding[];
  /** What could not be compared for want of facts, by name: `miners`, `measure`, `carried`, `silence`. */
  readonly unverified: readonly string[];
  readonly tasks: number;
  /** Answered rows whose receipt was checked. */
  readonly receipts: number;
  /** Scores and weights as derived again; null when the tasks could not be drawn. */
  readonly derived: { readonly scores: readonly EpochScore[]; readonly weights: Weights } | null;
}

/** Adds a finding. */
export type Report = (code: AuditCode, message: string, place?: { uid?: number; taskIndex?: number }) => void;
