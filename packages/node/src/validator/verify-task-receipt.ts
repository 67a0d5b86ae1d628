import { areBytesEqual, CoreError, type Crypto, decode } from '@cairn/core';
import type { ReceiptClaim, ReceiptVerdict } from '@cairn/mechanisms';
import { responseHashOf, type SignedReceipt, signedReceiptShape, verifyReceipt } from '@cairn/protocol';
import { taskBodies, taskBodySalt } from './service-body.ts';

/**
 * Whether a receipt proves that this miner answered this task of this validator and epoch with these bytes.
 * The bytes are a stranger's: anything wrong is a verdict, never an exception.
 */
export function verifyTaskReceipt(
  { crypto, chainId }: { crypto: Crypto; chainId: Uint8Array },
  validatorSalt: Uint8Array,
  claim: ReceiptClaim,
): ReceiptVerdict {
  let signed: SignedReceipt;
  try {
    signed = decode(signedReceiptShape, claim.receipt);
  } catch (error) {
    if (error instanceof CoreError) return { ok: false, reason: 'it is not a receipt' };
    throw error;
  }
  const { receipt } = signed;
  if (!verifyReceipt(crypto, chainId, signed, claim.miner))
    return { ok: false, reason: 'the miner did not sign it' };
  if (!areBytesEqual(receipt.payer, claim.validator)) return { ok: false, reason: 'another payer asked' };
  const place = { ...claim, taskIndex: claim.task.index };
  const salt = taskBodySalt(crypto, validatorSalt, place);
  const { artifact, requestHash } = receipt;
  const bodies = taskBodies(crypto, validatorSalt, place, { request: claim.task.request, artifact });
  if (!bodies.some((body) => areBytesEqual(requestHash, crypto.sha256(body))))
    return { ok: false, reason: 'it is for another request' };
  if (!areBytesEqual(receipt.responseHash, responseHashOf(crypto, salt, claim.response)))
    return { ok: false, reason: 'it is for another answer' };
  return { ok: true };
}
