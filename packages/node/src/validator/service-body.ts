import { type AccountId, type Crypto, concatBytes, u64ToBytes, utf8ToBytes } from '@cairn/core';
import type { InferBody, ServiceRequest } from '@cairn/protocol';

/** A service request as a miner is asked it: greedy, and nothing in it tells it from a user's. */
export function serviceRequestToBody(request: ServiceRequest): Omit<InferBody, 'salt' | 'artifact'> {
  return {
    endpoint: 'chat',
    prompt: { kind: 'chat', messages: request.messages },
    params: { maxTokens: request.maxTokens, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
  };
}

/**
 * The body's salt of one task for one miner. It follows from the validator's secret, so that it looks random to
 * the miner and an auditor can rebuild the request once the secret is revealed. 16 bytes.
 */
export function taskBodySalt(
  crypto: Crypto,
  validatorSalt: Uint8Array,
  taskIndex: number,
  miner: AccountId,
): Uint8Array {
  const place = concatBytes(
    utf8ToBytes('cairn/body-salt/v1'),
    validatorSalt,
    u64ToBytes(BigInt(taskIndex)),
    miner,
  );
  return crypto.sha256(place).slice(0, 16);
}
