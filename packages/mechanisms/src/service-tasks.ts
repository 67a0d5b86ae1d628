import {
  type AccountId,
  bytes,
  bytesToHex,
  type Crypto,
  choice,
  concatBytes,
  decode,
  encode,
  type Logger,
  list,
  struct,
  u8,
  u16,
  u64ToBytes,
  utf8ToBytes,
} from '@cairn/core';
import type { MechanismManifest, ServiceMechanism, ServiceRequest, TaskScore } from '@cairn/protocol';
import { MechanismError } from './errors.ts';

/** Most tasks of one validator in one epoch. */
export const MAX_TASKS = 256;

/** Largest response that is kept as evidence, in bytes. */
export const MAX_RESPONSE_BYTES = 4096;

export interface ServiceParts {
  readonly crypto: Crypto;
  readonly log: Logger;
}

export interface TaskDraw {
  /** The epoch's public seed. 32 bytes. */
  readonly epochSeed: Uint8Array;
  /** The validator's secret, committed before and revealed after the epoch. 32 bytes. */
  readonly salt: Uint8Array;
  /** Number of the mechanism on the subnet: the tasks of each are others. @default 0 */
  readonly mechanismIndex?: number;
  readonly epoch: bigint;
  /** Parameters of the mechanism, as SSZ bytes. */
  readonly params: Uint8Array;
  readonly count: number;
}

export interface ServiceResponse {
  readonly miner: AccountId;
  readonly order: number;
  readonly text: string;
}

/** One task of an epoch: what to ask and how to score what comes back. */
export interface ServiceTask {
  readonly index: number;
  readonly request: ServiceRequest;
  /** SHA-256 of the request's canonical bytes. */
  readonly requestHash: Uint8Array;
  /** One score per response; what is not admitted scores zero with the code as its reason. */
  score(responses: readonly ServiceResponse[]): Promise<readonly TaskScore[]>;
  /** What the reference miner, who knows the seed, answers; null when the mechanism ships none. */
  solve(): Promise<string | null>;
}

/** A service mechanism with its own types closed over, so that different ones fit in one list. */
export interface ServiceRunner {
  readonly manifest: MechanismManifest;
  /** The same tasks for the same input, everywhere. @throws MechanismError `PARAMS_INVALID`, `BOUND_EXCEEDED` */
  drawTasks(draw: TaskDraw): readonly ServiceTask[];
}

const requestShape = struct('ServiceRequest', {
  messages: list(
    struct('ChatMessage', {
      role: choice('role', ['system', 'user', 'assistant', 'tool'], u8),
      content: bytes(65_536),
    }),
    64,
  ),
  maxTokens: u16,
});

/** SHA-256 of the canonical bytes of a request: what evidence names it by. */
function hashServiceRequest(crypto: Crypto, request: ServiceRequest): Uint8Array {
  const messages = request.messages.map(({ role, content }) => ({ role, content: utf8ToBytes(content) }));
  return crypto.sha256(encode(requestShape, { messages, maxTokens: request.maxTokens }));
}

/**
 * Seed of one task: SHA-256 of a tag, the epoch's seed, the validator's salt and the index as 8 bytes; and, in any but
 * the first mechanism of a subnet, its number as 8 more, because all of them share seed and salt.
 */
function taskSeed(
  crypto: Crypto,
  { epochSeed, salt, mechanismIndex = 0 }: Pick<TaskDraw, 'epochSeed' | 'salt' | 'mechanismIndex'>,
  index: number,
): Uint8Array {
  const place = mechanismIndex === 0 ? [] : [u64ToBytes(BigInt(mechanismIndex))];
  return crypto.sha256(
    concatBytes(utf8ToBytes('cairn/task/v1'), epochSeed, salt, u64ToBytes(BigInt(index)), ...place),
  );
}

/**
 * What a validator commits before the epoch, as the ledger checks it: SHA-256 of a tag, the place and the salt.
 * The salt must be 32 fresh random bytes, or miners guess the tasks.
 */
export function commitSalt(
  crypto: Crypto,
  place: { readonly netuid: number; readonly validator: AccountId },
  salt: Uint8Array,
): Uint8Array {
  const netuid = u64ToBytes(BigInt(place.netuid));
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/salt/v1'), netuid, place.validator, salt));
}

/** Draws and scores the tasks of a service mechanism. */
export function createServiceRunner<P, T, G, E>(
  parts: ServiceParts,
  mechanism: ServiceMechanism<P, T, G, E>,
): ServiceRunner {
  const data = {
    read(name: string): Uint8Array {
      throw new MechanismError(
        { code: 'PARAMS_INVALID', field: name },
        `The mechanism ${mechanism.manifest.id} asked for data ${name}, but its manifest names none.`,
      );
    },
  };
  return {
    manifest: mechanism.manifest,
    drawTasks(draw) {
      if (draw.count < 1 || draw.count > MAX_TASKS) {
        throw new MechanismError(
          { code: 'BOUND_EXCEEDED', what: 'tasks', has: draw.count, most: MAX_TASKS },
          `${draw.count} tasks in one epoch are not possible. Choose from 1 to ${MAX_TASKS}.`,
        );
      }
      const params = decode(mechanism.params, draw.params);
      mechanism.checkParams(params);
      const context = { params, data, log: parts.log };
      return Array.from({ length: draw.count }, (_, index): ServiceTask => {
        const seed = taskSeed(parts.crypto, draw, index);
        const { task, secret } = mechanism.challenge({ seed, epoch: draw.epoch, params, data });
        const request = mechanism.ask(task);
        return {
          index,
          request,
          requestHash: hashServiceRequest(parts.crypto, request),
          solve: async () => (await mechanism.solve?.(task, secret)) ?? null,
          async score(responses) {
            const refused: TaskScore[] = [];
            const rows = [];
            for (const { miner, order, text } of responses) {
              const admission = mechanism.admit(task, text);
              if (!admission.ok) {
                refused.push({ id: miner, score: 0n, reason: admission.code });
                continue;
              }
              const sample = parts.crypto.sha256(concatBytes(seed, miner));
              const evidence = await mechanism.audit(context, task, text, secret, sample);
              rows.push({ id: miner, order, response: text, evidence });
            }
            const scores = [...refused, ...mechanism.score(context, task, rows)];
            const scoreOf = new Map(scores.toReversed().map((score) => [bytesToHex(score.id), score]));
            return responses.map(({ miner }) => findScore(scoreOf, miner, index));
          },
        };
      });
    },
  };
}

function findScore(scoreOf: ReadonlyMap<string, TaskScore>, miner: AccountId, taskIndex: number): TaskScore {
  const hex = bytesToHex(miner);
  const found = scoreOf.get(hex);
  if (found !== undefined) return found;
  throw new MechanismError(
    { code: 'SCORE_INCOMPLETE', taskIndex },
    `The mechanism returned no score for miner ${hex.slice(0, 16)} on task ${taskIndex}. It must score every row.`,
  );
}
