import { hexToBytes } from '@cairn/core';
import type { EventView, LedgerReader } from '@cairn/protocol';
import { eventsBackwards, readBlockEvents } from '../audit/events-backwards.ts';

/** Weights of one validator that came into force in one epoch, with what finds and opens their evidence. */
export interface RevealedWeights {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uid: number;
  /** Address. */
  readonly hotkey: string;
  /** Epoch in which they came into force, and in which their evidence is attested. */
  readonly epoch: number;
  /** Epoch whose tasks they score. */
  readonly scoredEpoch: number;
  /** Evidence root in hex: the id of the sealed blob. */
  readonly root: string;
  readonly salt: Uint8Array;
}

/** One mechanism of a subnet. */
export type MechanismOf = Pick<RevealedWeights, 'netuid' | 'mechanism'>;

/** Reads a `yuma.weightsSet` event; null for another event, subnet or mechanism. */
export function readRevealedWeights(
  { netuid, mechanism }: MechanismOf,
  { name, data }: EventView,
): RevealedWeights | null {
  if (name !== 'yuma.weightsSet' || data.netuid !== netuid || data.mechanism !== mechanism) return null;
  return {
    netuid,
    mechanism,
    uid: Number(data.uid),
    hotkey: String(data.hotkey),
    epoch: Number(data.epoch),
    scoredEpoch: Number(data.scoredEpoch),
    root: String(data.evidenceRoot),
    salt: hexToBytes(String(data.salt)),
  };
}

/**
 * The weights of the epoch that is under way at a height, by uid: what a validator that starts in the middle of
 * an epoch has missed. Cost: the blocks of about one epoch.
 */
export async function findRevealedWeights(
  ledger: LedgerReader,
  place: MechanismOf,
  height: number,
): Promise<Map<number, RevealedWeights>> {
  const found = new Map<number, RevealedWeights>();
  let epochStart: number | null = null;
  for await (const event of eventsBackwards(readBlockEvents(ledger), height)) {
    // The epoch begins in the block in which the last one ran, whose transactions count in it.
    if (epochStart !== null && event.height < epochStart) break;
    if (event.name === 'yuma.epochRan' && event.data.netuid === place.netuid) epochStart ??= event.height;
    const weights = readRevealedWeights(place, event);
    if (weights !== null && !found.has(weights.uid)) found.set(weights.uid, weights);
  }
  return found;
}
