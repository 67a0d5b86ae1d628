import { problem, type TransactionProblem } from '@cairn/ledger';
import type { InclusionResult, Timer } from '@cairn/protocol';
import type { LoggedBlock } from '../blocks/block-log.ts';
import { transactionView } from './views.ts';

/** Callers that wait for their transaction to be in a block on disk. */
export interface Inclusions {
  wait(id: string, timeoutMs: number): Promise<InclusionResult>;
  committed(block: LoggedBlock): void;
  dropped(id: string, why: TransactionProblem): void;
  close(why: TransactionProblem): void;
}

export function includedResult(block: LoggedBlock, index: number): InclusionResult {
  const transaction = transactionView(block, index);
  return { ok: transaction.ok, id: transaction.id, problem: transaction.problem, transaction };
}

export function createInclusions(timer: Timer): Inclusions {
  const waiting = new Map<string, Set<(result: InclusionResult) => void>>();

  function settle(id: string, result: () => InclusionResult): void {
    const callers = waiting.get(id);
    if (callers === undefined) return;
    waiting.delete(id);
    const answer = result();
    for (const resolve of callers) resolve(answer);
  }

  const without = (id: string, why: TransactionProblem) => (): InclusionResult => ({
    ok: false,
    id,
    problem: why,
    transaction: null,
  });

  return {
    wait(id, timeoutMs) {
      return new Promise((resolve) => {
        const callers = waiting.get(id) ?? new Set();
        waiting.set(id, callers);
        const cancel = timer.schedule(timeoutMs, () => {
          callers.delete(finish);
          if (callers.size === 0 && waiting.get(id) === callers) waiting.delete(id);
          const message = `It was accepted but is in no block after ${timeoutMs} ms. It may still enter one: ask for ${id} later.`;
          finish(without(id, problem('NOT_INCLUDED_IN_TIME', message))());
        });
        const finish = (result: InclusionResult): void => {
          cancel();
          resolve(result);
        };
        callers.add(finish);
      });
    },
    committed(block) {
      for (const [index, { id }] of block.results.entries()) settle(id, () => includedResult(block, index));
    },
    dropped: (id, why) => settle(id, without(id, why)),
    close(why) {
      for (const id of [...waiting.keys()]) settle(id, without(id, why));
    },
  };
}
