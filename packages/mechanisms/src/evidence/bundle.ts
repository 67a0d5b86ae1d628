import {
  account,
  bool,
  bytes,
  bytes32,
  type Crypto,
  decode,
  encode,
  list,
  struct,
  text,
  u8,
  u16,
  u64,
  type ValueOf,
} from '@cairn/core';
import { scoringRulesShape } from '../scoring/shape.ts';
import { MAX_RESPONSE_BYTES, MAX_TASKS } from '../service-tasks.ts';
import { evidenceKey, openBytes, sealBytes } from './seal.ts';

/** Most miners of one subnet. */
export const MAX_MINERS = 256;

/** Largest receipt, in bytes. Its format belongs to the receipts of the protocol; here it is opaque. */
export const MAX_RECEIPT_BYTES = 2048;

/** What one miner answered to one task. No answer: `isAnswered` false, response and receipt empty. */
export const evidenceRowShape = struct('EvidenceRow', {
  uid: u16,
  taskIndex: u16,
  requestHash: bytes32,
  isAnswered: bool,
  /** UTF-8 as it was signed. */
  response: bytes(MAX_RESPONSE_BYTES),
  receipt: bytes(MAX_RECEIPT_BYTES),
});

/**
 * Everything needed to derive one validator's weights of one epoch again. Rows are complete (every miner × every
 * task) and in order of uid, then task. `previousRoot` is the evidence root of the validator's bundle before this
 * one, whose smoothed scores are `carried`; zero for its first.
 */
export const evidenceBundleShape = struct('EvidenceBundle', {
  version: u8,
  netuid: u16,
  /** Number, on the subnet, of the mechanism whose weights these are. */
  mechanismIndex: u8,
  epoch: u64,
  validator: account,
  epochSeed: bytes32,
  salt: bytes32,
  mechanism: text(64),
  mechanismVersion: u16,
  params: bytes(1024),
  rules: scoringRulesShape,
  previousRoot: bytes32,
  carried: list(struct('CarriedScore', { miner: account, score: u64 }), MAX_MINERS),
  miners: list(struct('EvidenceMiner', { uid: u16, miner: account }), MAX_MINERS),
  rows: list(evidenceRowShape, MAX_MINERS * MAX_TASKS),
  scores: list(struct('EvidenceScore', { uid: u16, mean: u64, relative: u64, smoothed: u64 }), MAX_MINERS),
  weights: list(struct('EvidenceWeight', { uid: u16, value: u16 }), MAX_MINERS),
});

export type EvidenceRow = ValueOf<typeof evidenceRowShape>;
export type EvidenceBundle = ValueOf<typeof evidenceBundleShape>;

export const BUNDLE_VERSION = 2;

export function encodeBundle(bundle: EvidenceBundle): Uint8Array {
  return encode(evidenceBundleShape, bundle);
}

/** @throws CoreError `CODEC_MALFORMED`, `CODEC_NOT_CANONICAL` */
export function decodeBundle(encoded: Uint8Array): EvidenceBundle {
  return decode(evidenceBundleShape, encoded);
}

/** What is published: the bundle sealed under the salt it names. One bundle has one sealed form. */
export function sealEvidence(crypto: Crypto, bundle: EvidenceBundle): Uint8Array {
  return sealBytes(crypto, evidenceKey(crypto, bundle.salt), encodeBundle(bundle));
}

/**
 * Opens published evidence with the salt that its weights revealed.
 *
 * @throws MechanismError `BUNDLE_SEALED_WRONG` for another salt, changed bytes or what is no sealed evidence;
 * CoreError `CODEC_MALFORMED`, `CODEC_NOT_CANONICAL` for sealed bytes that are no bundle
 */
export function openEvidence(crypto: Crypto, salt: Uint8Array, sealed: Uint8Array): EvidenceBundle {
  return decodeBundle(openBytes(evidenceKey(crypto, salt), sealed));
}

/**
 * The evidence root, which goes on the ledger with the weights: SHA-256 of the sealed bytes, so that it is the
 * address of what is published. One flat hash and no Merkle tree of rows, because a score follows only from all
 * rows together and tasks hold nobody's data.
 */
export function evidenceRoot(crypto: Crypto, bundle: EvidenceBundle): Uint8Array {
  return crypto.sha256(sealEvidence(crypto, bundle));
}
