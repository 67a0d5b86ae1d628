import { type AccountId, accountIdToAddress, CairnError, type Crypto, type Logger } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { CollectedAnswer, ServiceTask } from '@cairn/mechanisms';
import { type InferParts, type InferRequest, infer } from '@cairn/sdk';
import { NodeError } from '../errors.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { isCheapEnough } from './question-price.ts';
import { serviceRequestToBody, taskBodySalt, taskTrace } from './service-body.ts';
import { verifyTaskReceipt } from './verify-task-receipt.ts';

export interface AskedMiner {
  readonly uid: number;
  readonly miner: AccountId;
  /** What it offers on the subnet. */
  readonly offer: Offer;
}

export interface AskParts extends InferParts {
  readonly chainId: Uint8Array;
  readonly crypto: Crypto;
  readonly kept: KeptAnswers;
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

/** After these a miner is asked the next task; after others it is asked no more in this epoch. */
const GOES_ON: ReadonlySet<string> = new Set(['PROVIDER_REFUSED', 'ANSWER_TOO_LARGE']);

/**
 * Puts every task to every miner through the paid path, miners side by side and tasks one after another.
 * A miner that fails, or whose receipt does not hold, has simply not answered. An answer is on disk before its
 * receipt is countersigned, and is not asked for again: what this validator has signed for, it counts.
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
  // Then it is asked no more in this epoch.
  let isLost = false;
  for (const task of plan.tasks) {
    const kept = findKept(parts, plan, miner, task);
    if (kept !== null) {
      answers.push(kept);
      continue;
    }
    if (plan.signal?.aborted === true || isLost) continue;
    if (!isCheapEnough(miner.offer, serviceRequestToBody(task.request))) {
      const data = { miner: accountIdToAddress(miner.miner), task: task.index };
      parts.log.warn('a miner asks too much and is not asked', data);
      isLost = true;
      continue;
    }
    try {
      const answer = await askTask(parts, plan, miner, task);
      if (answer !== null) answers.push(answer);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      const data = { miner: accountIdToAddress(miner.miner), task: task.index, code: error.code };
      parts.log.warn('miner did not answer', data);
      isLost = !GOES_ON.has(error.code);
    }
  }
  return answers;
}

/** What came before a crash, or in an attempt before. */
function findKept(
  parts: AskParts,
  plan: AskPlan,
  { uid, miner }: AskedMiner,
  task: ServiceTask,
): CollectedAnswer | null {
  const { netuid, epoch, validator, salt } = plan;
  const kept = parts.kept.get({ netuid, epoch, validator, taskIndex: task.index, miner });
  if (kept === null) return null;
  const response = new TextEncoder().encode(kept.response);
  const claim = { netuid, epoch, validator, miner, task, response, receipt: kept.receipt };
  return verifyTaskReceipt(parts, salt, claim).ok ? { uid, taskIndex: task.index, ...kept } : null;
}

async function askTask(
  parts: AskParts,
  plan: AskPlan,
  asked: AskedMiner,
  task: ServiceTask,
): Promise<CollectedAnswer | null> {
  const { netuid, epoch, validator, salt, attempt, signal } = plan;
  const { miner, offer } = asked;
  const place = { netuid, epoch, validator, taskIndex: task.index, miner };
  const request: InferRequest = {
    offer,
    body: serviceRequestToBody(task.request),
    salt: taskBodySalt(parts.crypto, salt, place),
    trace: taskTrace(parts.crypto, salt, place),
    idempotencyKey: `${epoch}-${task.index}-${attempt}`,
    idleTimeoutMs: 15_000,
    async onReceipt({ text, receipt }: { readonly text: string; readonly receipt: Uint8Array }) {
      if (!(await parts.kept.put(place, { response: text, receipt }))) throw tooLarge(miner, task);
    },
    ...(signal === undefined ? {} : { signal }),
  };
  for await (const event of infer(parts, request)) {
    if (event.type === 'end') return findKept(parts, plan, asked, task);
  }
  return null;
}

function tooLarge(miner: AccountId, { index }: ServiceTask): NodeError {
  const provider = accountIdToAddress(miner);
  return new NodeError(
    { code: 'ANSWER_TOO_LARGE', provider, task: index },
    `The answer of ${provider} to task ${index}, or its receipt, is larger than evidence holds. It does not count, and is not countersigned.`,
  );
}
