import { type AccountId, bytesToHex, type Crypto, concatBytes, u64ToBytes, utf8ToBytes } from '@cairn/core';
import { encodeInferBody, type InferBody, type ServiceRequest, type TraceContext } from '@cairn/protocol';

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
  return hashOfPlace(crypto, 'cairn/body-salt/v2', validatorSalt, place).slice(0, 16);
}

/** What a sealed question says of its trace: to the miner as random as a user's, to who learns the secret made again. */
export function taskTrace(crypto: Crypto, validatorSalt: Uint8Array, place: TaskPlace): TraceContext {
  const hex = bytesToHex(hashOfPlace(crypto, 'cairn/body-trace/v1', validatorSalt, place));
  return { traceId: hex.slice(0, 32), spanId: hex.slice(32, 48), isSampled: true };
}

/** The bodies that the miner may have been sent, sealed and in clear. */
export function taskBodies(
  crypto: Crypto,
  validatorSalt: Uint8Array,
  place: TaskPlace,
  { request, artifact }: { readonly request: ServiceRequest; readonly artifact: Uint8Array },
): readonly Uint8Array[] {
  const salt = taskBodySalt(crypto, validatorSalt, place);
  const clear = { ...serviceRequestToBody(request), artifact, salt };
  const sealed = { ...clear, trace: taskTrace(crypto, validatorSalt, place) };
  return [encodeInferBody(sealed), encodeInferBody(clear)];
}

function hashOfPlace(crypto: Crypto, domain: string, validatorSalt: Uint8Array, place: TaskPlace) {
  return crypto.sha256(
    concatBytes(
      utf8ToBytes(domain),
      validatorSalt,
      u64ToBytes(BigInt(place.netuid)),
      u64ToBytes(place.epoch),
      place.validator,
      u64ToBytes(BigInt(place.taskIndex)),
      place.miner,
    ),
  );
}
