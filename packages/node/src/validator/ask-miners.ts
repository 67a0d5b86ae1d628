import {
  type AccountId,
  accountIdToAddress,
  CairnError,
  type Crypto,
  encode,
  type Logger,
} from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { CollectedAnswer, ServiceTask } from '@cairn/mechanisms';
import { signedReceiptShape } from '@cairn/protocol';
import { type InferParts, infer } from '@cairn/sdk';
import { isCheapEnough } from './question-price.ts';
import { serviceRequestToBody, taskBodySalt } from './service-body.ts';
import { verifyTaskReceipt } from './verify-task-receipt.ts';

export interface AskedMiner {
  readonly uid: number;
  readonly miner: AccountId;
  /** What it offers on the subnet. */
  readonly offer: Offer;
}

export interface AskParts extends Omit<InferParts, 'random'> {
  readonly chainId: Uint8Array;
  readonly crypto: Crypto;
  readonly log: Logger;
}

export interface AskPlan {
  readonly netuid: number;
  readonly epoch: bigint;
  readonly validator: AccountId;
  readonly salt: Uint8Array;
  readonly tasks: readonly ServiceTask[];
  /** Differs each time an epoch is begun anew, after a crash or a refusal: a miner serves a request once. */
  readonly attempt: string;
  readonly signal?: AbortSignal;
}

/**
 * Puts every task to every miner through the paid path, miners side by side and tasks one after another.
 * A miner that fails, or whose receipt does not hold, has simply not answered.
 */
export async function askMiners(
  parts: AskParts,
  plan: AskPlan,
  miners: readonly AskedMiner[],
): Promise<CollectedAnswer[]> {
  const answers = await Promise.all(miners.map((miner) => askMiner(parts, plan, miner)));
  return answers.flat();
}

async function askMiner(parts: AskParts, plan: AskPlan, miner: AskedMiner): Promise<CollectedAnswer[]> {
  const answers: CollectedAnswer[] = [];
  for (const task of plan.tasks) {
    if (plan.signal?.aborted === true) break;
    if (!isCheapEnough(miner.offer, serviceRequestToBody(task.request))) {
      const data = { miner: accountIdToAddress(miner.miner), task: task.index };
      parts.log.warn('a miner asks too much and is not asked', data);
      break;
    }
    try {
      const answer = await askTask(parts, plan, miner, task);
      if (answer !== null) answers.push(answer);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      const data = { miner: accountIdToAddress(miner.miner), task: task.index, code: error.code };
      parts.log.warn('miner did not answer', data);
      if (error.code !== 'PROVIDER_REFUSED') break;
    }
  }
  return answers;
}

async function askTask(
  parts: AskParts,
  { netuid, epoch, validator, salt, attempt, signal }: AskPlan,
  { uid, miner, offer }: AskedMiner,
  task: ServiceTask,
): Promise<CollectedAnswer | null> {
  const place = { netuid, epoch, validator, taskIndex: task.index, miner };
  const random = { bytes: () => taskBodySalt(parts.crypto, salt, place) };
  const request = {
    offer,
    body: serviceRequestToBody(task.request),
    idempotencyKey: `${epoch}-${task.index}-${attempt}`,
    idleTimeoutMs: 15_000,
    ...(signal === undefined ? {} : { signal }),
  };
  let response = '';
  for await (const event of infer({ ...parts, random }, request)) {
    if (event.type === 'delta') response += event.text;
    if (event.type !== 'end') continue;
    const receipt = encode(signedReceiptShape, event.receipt);
    const claim = {
      netuid,
      epoch,
      validator,
      miner,
      task,
      response: new TextEncoder().encode(response),
      receipt,
    };
    const verdict = verifyTaskReceipt(parts, salt, claim);
    if (verdict.ok) return { uid, taskIndex: task.index, response, receipt };
    parts.log.warn('receipt does not hold', {
      miner: accountIdToAddress(miner),
      task: task.index,
      reason: verdict.reason,
    });
  }
  return null;
}
