import {
  areBytesEqual,
  bool,
  bytes,
  bytes32,
  CoreError,
  type Crypto,
  decode,
  encode,
  list,
  optional,
  struct,
  text,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import {
  decodeInferBody,
  hashInferParams,
  type InferBody,
  ProtocolError,
  type Receipt,
  receiptId,
  signedReceiptShape,
  verifyReceipt,
} from '@cairn/protocol';

/** Most receipts of one case, the ones in between included: how far apart failed answers may lie. */
export const MAX_CASE_RECEIPTS = 32;
/** Failed checks that a case rests on, unless a fault is one of arithmetic. */
export const LEAST_FAILED = 2;
/** Largest evidence of a case, in bytes. */
export const MAX_CASE_BYTES = 1024 * 1024;

const MAX_BODY_BYTES = 128 * 1024;
const MAX_TEXT_BYTES = 128 * 1024;
const MAX_TOKENS = 16_384;

const disclosedShape = struct('DisclosedAnswer', {
  /** The request as it was sent, with its salt. */
  body: bytes(MAX_BODY_BYTES),
  tokenIds: list(u32, MAX_TOKENS),
  /** Bits of 32-bit floats, as the receipt commits to them; null when none were asked for. */
  logprobs: optional(list(u32, MAX_TOKENS)),
  text: bytes(MAX_TEXT_BYTES),
});

const linkShape = struct('CaseLink', {
  signed: signedReceiptShape,
  /** Null: the receipt only shows how near two others lie. */
  disclosed: optional(disclosedShape),
});
export type CaseLink = ValueOf<typeof linkShape>;

/** What shows a fault: receipts of one channel without a gap, with the answers behind those that are disclosed. */
export const caseEvidenceShape = struct('CaseEvidence', {
  /** What the offer said that it runs: limits of no other engine hold for it. */
  engine: text(32),
  /** The oldest first. */
  links: list(linkShape, MAX_CASE_RECEIPTS),
});
export type CaseEvidence = ValueOf<typeof caseEvidenceShape>;

/** What an accused provider shows: its engine, and what its own check of the evidence came to. */
export const caseRevealShape = struct('CaseReveal', {
  /** What the class of engine in its receipts is the hash of. */
  engineClass: text(1_024),
  checks: list(
    struct('RevealedCheck', { receipt: bytes32, isPassed: bool, driftPpb: u64 }),
    MAX_CASE_RECEIPTS,
  ),
});

export const encodeCaseEvidence = (evidence: CaseEvidence): Uint8Array => encode(caseEvidenceShape, evidence);

/** An answer whose request, tokens and text fit what the provider signed. */
export interface OpenedAnswer {
  /** Id of its receipt. */
  readonly id: Uint8Array;
  readonly receipt: Receipt;
  readonly body: InferBody;
  readonly tokenIds: readonly number[];
  readonly logprobs: readonly number[] | null;
  readonly text: string;
}

/** Evidence that holds together, or why it does not; whether its answers are wrong is another question. */
export type OpenedEvidence =
  | {
      readonly ok: true;
      readonly engine: string;
      readonly provider: Uint8Array;
      readonly answers: readonly OpenedAnswer[];
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Decodes a stranger's evidence and checks that all of it is the word of one provider: signatures, one channel, no
 * receipt left out between the first and the last, and requests that are the ones signed for.
 */
export function openCaseEvidence(crypto: Crypto, chainId: Uint8Array, given: Uint8Array): OpenedEvidence {
  const fail = (reason: string): OpenedEvidence => ({ ok: false, reason });
  if (given.length > MAX_CASE_BYTES) return fail(`it has more than ${MAX_CASE_BYTES} bytes`);
  let evidence: CaseEvidence;
  try {
    evidence = decode(caseEvidenceShape, given);
  } catch (error) {
    if (error instanceof CoreError) return fail('it is no evidence of a case');
    throw error;
  }
  const { engine, links } = evidence;
  const first = links[0];
  if (first === undefined) return fail('it has no receipt');
  const { provider, channel } = first.signed.receipt;
  const answers: OpenedAnswer[] = [];
  for (const [at, { signed, disclosed }] of links.entries()) {
    const { receipt } = signed;
    if (!areBytesEqual(receipt.channel, channel)) return fail('its receipts are of several channels');
    if (!verifyReceipt(crypto, chainId, signed, provider)) return fail('the provider did not sign a receipt');
    const before = links[at - 1];
    if (
      before !== undefined &&
      !areBytesEqual(receipt.previousReceipt, receiptId(crypto, before.signed.receipt))
    )
      return fail('a receipt is left out between two others');
    if (disclosed === null) continue;
    const opened = openAnswer(crypto, receipt, disclosed);
    if (typeof opened === 'string') return fail(opened);
    answers.push(opened);
  }
  return answers.length === 0 ? fail('it discloses no answer') : { ok: true, engine, provider, answers };
}

function openAnswer(
  crypto: Crypto,
  receipt: Receipt,
  { body: bodyBytes, tokenIds, logprobs, text: answer }: NonNullable<CaseLink['disclosed']>,
): OpenedAnswer | string {
  if (!areBytesEqual(crypto.sha256(bodyBytes), receipt.requestHash))
    return 'a request is not the one signed for';
  let body: InferBody;
  let spelled: string;
  try {
    body = decodeInferBody(bodyBytes);
    spelled = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(answer);
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof TypeError)
      return 'a request or answer is malformed';
    throw error;
  }
  if (!areBytesEqual(body.artifact, receipt.artifact))
    return 'a request is for another artifact than its receipt';
  if (!areBytesEqual(hashInferParams(crypto, body.params), receipt.paramsHash))
    return 'the parameters are not the ones signed for';
  return {
    id: receiptId(crypto, receipt),
    receipt,
    body,
    tokenIds,
    logprobs: logprobs === null ? null : logprobs.map(bitsToFloat),
    text: spelled,
  };
}

const scratch = new DataView(new ArrayBuffer(4));

function bitsToFloat(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** A log probability as evidence and receipts hold it. */
export function floatToBits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}
