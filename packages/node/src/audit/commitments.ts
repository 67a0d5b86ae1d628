import { hexToBytes } from '@cairn/core';
import type { EventView, LedgerReader } from '@cairn/protocol';

/** Blocks looked through backwards for the events of an epoch. */
const MAX_BLOCKS_BACK = 20_000;

export interface EpochFacts {
  readonly saltCommitment: Uint8Array;
  readonly epochSeed: Uint8Array;
}

/**
 * What the ledger fixed before a validator's epoch: its salt's commitment and the seed. Both are read from the
 * chain's events, walking back from the weights that name the evidence.
 *
 * @throws Error when the log does not reach that far back
 */
export async function findCommitments(
  ledger: LedgerReader,
  netuid: number,
  uid: number,
  evidenceRoot: string,
): Promise<EpochFacts> {
  let epoch: number | null = null;
  let commitment: string | null = null;
  let seed: string | null = null;
  const { height } = await ledger.status();
  for (
    let at = height;
    at > Math.max(0, height - MAX_BLOCKS_BACK) && (commitment === null || seed === null);
    at--
  ) {
    for (const { name, data } of await eventsOf(ledger, at)) {
      if (data.netuid !== netuid) continue;
      if (name === 'yuma.weightsSet' && data.uid === uid) {
        if (epoch !== null && commitment === null) commitment = String(data.nextSaltCommitment);
        if (data.evidenceRoot === evidenceRoot) epoch = Number(data.epoch);
      }
      if (name === 'yuma.saltCommitted' && data.uid === uid && epoch !== null)
        commitment ??= String(data.commitment);
      if (name === 'yuma.epochRan' && epoch !== null && data.epoch === epoch - 1)
        seed = String(data.nextSeed);
    }
  }
  if (commitment === null || seed === null) {
    throw new Error(`The commitments of neuron ${uid} are not among the last ${MAX_BLOCKS_BACK} blocks.`);
  }
  return { saltCommitment: hexToBytes(commitment), epochSeed: hexToBytes(seed) };
}

/** Events of a block, newest first. */
async function eventsOf(ledger: LedgerReader, height: number): Promise<EventView[]> {
  const block = await ledger.block(height);
  if (block === null) return [];
  return [...block.events, ...block.transactions.flatMap(({ events }) => events)].reverse();
}
