import { PEBBLES_PER_CAIRN } from '@cairn/core';
import type { ReferencePrice } from './reference-prices.ts';

/** Calls that are alike. */
export interface Workload {
  readonly calls: number;
  /** CPU time of one call, in milliseconds: what the receipts measure. */
  readonly cpuMs: number;
  /** Memory of an instance, in MiB. */
  readonly memoryMib: number;
  /** Input of one call, in KiB. */
  readonly inputKib: number;
}

/** What a lease asks, in pebbles. */
export interface LeasePrice {
  readonly perSlot: bigint;
  readonly perRequest: bigint;
  readonly inputPerMillion: bigint;
  readonly outputPerMillion: bigint;
}

/** Dollars for the work at a reference. Calls are taken to last as long as their CPU time, which favours it. */
export function referenceCost(price: ReferencePrice, { calls, cpuMs, memoryMib }: Workload): number {
  const seconds = (calls * cpuMs) / 1000;
  return (
    (calls / 1e6) * price.perMillionCalls +
    seconds * (price.perCoreSecond + (memoryMib / 1024) * price.perGibSecond)
  );
}

/**
 * Pebbles for the same work under a lease, with what it costs to be ready all the while.
 *
 * @param slots slots in which the calls come.
 */
export function leaseCost(price: LeasePrice, { calls, cpuMs, inputKib }: Workload, slots: number): bigint {
  const count = BigInt(Math.ceil(calls));
  // A call is billed by whole pebbles and whole milliseconds, rounded up.
  const work = BigInt(Math.max(1, Math.ceil(cpuMs)));
  const perMillion = price.inputPerMillion * BigInt(Math.ceil(inputKib)) + price.outputPerMillion * work;
  return (
    count * (price.perRequest + (perMillion + 999_999n) / 1_000_000n) +
    price.perSlot * BigInt(Math.ceil(slots))
  );
}

export interface Comparison {
  readonly name: string;
  readonly referenceUsd: number;
  readonly cairnUsd: number;
  /** Below 0: Cairn costs that much more. Of the reference's cost. */
  readonly cheaperBy: number;
}

export function compare(
  reference: ReferencePrice,
  workload: Workload,
  lease: LeasePrice,
  { slots, usdPerCairn }: { readonly slots: number; readonly usdPerCairn: number },
): Comparison {
  const referenceUsd = referenceCost(reference, workload);
  const cairnUsd = (Number(leaseCost(lease, workload, slots)) / Number(PEBBLES_PER_CAIRN)) * usdPerCairn;
  return {
    name: reference.name,
    referenceUsd,
    cairnUsd,
    cheaperBy: (referenceUsd - cairnUsd) / referenceUsd,
  };
}
