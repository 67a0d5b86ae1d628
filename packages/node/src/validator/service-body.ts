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

/** Where a question belongs: what a miner's receipt is bound to beyond the words of question and answer. */
export interface TaskPlace {
  readonly netuid: number;
  readonly epoch: bigint;
  readonly validator: AccountId;
  readonly taskIndex: number;
  readonly miner: AccountId;
}

/**
 * The body's salt of one task for one miner: a commitment to validator, epoch and task that the miner signs with
 * the hash of the request and cannot tell from a user's random salt. Who learns the validator's secret rebuilds
 * it, and a receipt for any other place does not fit. Every part has a fixed length. 16 bytes.
 */
export function taskBodySalt(crypto: Crypto, validatorSalt: Uint8Array, place: TaskPlace): Uint8Array {
  const bytes = concatBytes(
    utf8ToBytes('cairn/body-salt/v2'),
    validatorSalt,
    u64ToBytes(BigInt(place.netuid)),
    u64ToBytes(place.epoch),
    place.validator,
    u64ToBytes(BigInt(place.taskIndex)),
    place.miner,
  );
  return crypto.sha256(bytes).slice(0, 16);
}
