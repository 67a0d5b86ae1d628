import { accountIdToAddress, type CancelSignal } from '@cairn/core';
import type { Meter } from '@cairn/gateway';
import type { CallOutcome } from '@cairn/sdk';

/** For whom a function is called. */
export interface CallFor {
  /** Whose limits it is held to, as the gateway knows it. @default `local` */
  readonly caller?: string;
  /** Called when it cost something, whatever came of it. */
  readonly onSpent?: (() => void) | undefined;
  /** Cancels it: nobody waits for it any more. */
  readonly signal?: CancelSignal;
}

/** A call of a function before it is made. */
interface MeteredCall {
  /** Whose limits hold. */
  readonly caller: string;
  /** By which usage and limits know the function. */
  readonly model: string;
  /** Most pebbles it may cost. */
  readonly could: bigint;
  /** Pebbles of so many units of work. */
  readonly costSoFar: (work: number) => bigint;
  /** Told when it cost something, whatever came of it. */
  readonly onSpent?: (() => void) | undefined;
}

/**
 * Makes a call through the meter: the most it may cost is held while it runs, and what it came to is settled. One that
 * breaks off costs what was counted till then.
 *
 * @param run makes the call, and tells how much work was counted
 * @throws GatewayError `budget_exceeded`, `too_many_requests`, `model_not_allowed`, `invalid_api_key`
 */
export async function meterCall(
  reserve: Meter['reserve'] | undefined,
  { caller, model, could, costSoFar, onSpent }: MeteredCall,
  run: (onWork: (work: number) => void) => Promise<CallOutcome>,
): Promise<CallOutcome> {
  const reservation = reserve?.(caller, { endpoint: 'fn', model });
  let worked = 0;
  try {
    reservation?.hold(could);
    const outcome = await run((work) => {
      worked = work;
    });
    const { price, provider } = outcome.receipt.receipt;
    const receipt = { receipt: outcome.receiptId, provider: accountIdToAddress(provider), cost: price };
    reservation?.settle(price, { receipts: [receipt] });
    onSpent?.();
    return outcome;
  } catch (error) {
    if (worked > 0) {
      reservation?.settle(costSoFar(worked));
      onSpent?.();
    }
    throw error;
  } finally {
    reservation?.release();
  }
}
