import { createPureCrypto, encode, type Logger, u64ToBytes, utf8ToBytes } from '@cairn/core';
import {
  createCrontabMechanism,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
} from '../src/crontab/mechanism.ts';
import type { CollectedAnswer, EpochPlan } from '../src/epoch.ts';
import { DEFAULT_SCORING_RULES } from '../src/scoring/shape.ts';
import {
  createServiceRunner,
  type ServiceParts,
  type ServiceRunner,
  type ServiceTask,
} from '../src/service-tasks.ts';

export const crypto = createPureCrypto();

const silent: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silent,
};

export const aLog = (): Logger => silent;

/** 32 bytes that depend on `name` alone. */
export const aHash = (name: string): Uint8Array => crypto.sha256(utf8ToBytes(name));

export const aSeed = (index: number): Uint8Array => crypto.sha256(u64ToBytes(BigInt(index)));

export const aParts = (): ServiceParts => ({ crypto, log: aLog() });

export const aRunner = (): ServiceRunner => createServiceRunner(aParts(), createCrontabMechanism({ crypto }));

const crontabParams = (): Uint8Array => encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS);

export function aPlan(changes: Partial<EpochPlan> = {}): EpochPlan {
  return {
    netuid: 1,
    epoch: 7n,
    validator: aHash('validator'),
    epochSeed: aHash('epoch seed'),
    salt: aHash('salt'),
    params: crontabParams(),
    rules: DEFAULT_SCORING_RULES,
    previous: null,
    miners: [2, 3, 4, 5].map((uid) => ({ uid, miner: aHash(`miner ${uid}`) })),
    ...changes,
  };
}

/** A receipt that binds miner, request and response, the way a signed one does. */
export function aReceipt(miner: Uint8Array, requestHash: Uint8Array, response: Uint8Array): Uint8Array {
  return aHash(`${miner.join()}/${requestHash.join()}/${response.join()}`);
}

/** Answers of miners that get the first `right` tasks right, by uid; all others are the same wrong guess. */
export async function answersOf(
  tasks: readonly ServiceTask[],
  plan: EpochPlan,
  right: Readonly<Record<number, number>>,
): Promise<CollectedAnswer[]> {
  const answers: CollectedAnswer[] = [];
  for (const { uid, miner } of plan.miners) {
    for (const task of tasks) {
      const known = (await task.solve()) as string;
      const response = task.index < (right[uid] ?? 0) ? known : '7 3 2 1 *';
      answers.push({
        uid,
        taskIndex: task.index,
        response,
        receipt: aReceipt(miner, task.requestHash, utf8ToBytes(response)),
      });
    }
  }
  return answers;
}
