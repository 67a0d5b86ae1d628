import { addressToAccountId, hexToBytes } from '@cairn/core';
import type { EventView, LedgerReader } from '@cairn/protocol';
import { eventsBackwards, MAX_BLOCKS_BACK } from './events-backwards.ts';
import { auditImpossible } from './impossible.ts';

/** The salt that opens the evidence of some weights, as the transaction that set them revealed it. */
export async function findRevealedSalt(
  ledger: LedgerReader,
  { netuid, uid, evidenceRoot }: Omit<Wanted, 'withPrevious'>,
): Promise<Uint8Array> {
  for await (const { name, data } of eventsBackwards(ledger, (await ledger.status()).height)) {
    const isOfPlace = name === 'yuma.weightsSet' && data.netuid === netuid && data.uid === uid;
    if (isOfPlace && data.evidenceRoot === evidenceRoot) return hexToBytes(String(data.salt));
  }
  throw auditImpossible(
    `The salt of the weights of neuron ${uid} of subnet ${netuid} is not among the last ${MAX_BLOCKS_BACK} blocks. Audit sooner, or ask a node that has them.`,
  );
}

/** What the ledger recorded of one validator's weights and of what went before them. */
export interface EpochFacts {
  readonly epoch: bigint;
  /** The hotkey that set the weights. */
  readonly validator: Uint8Array;
  readonly saltCommitment: Uint8Array;
  /** The epoch in which that salt was committed. */
  readonly committedEpoch: bigint;
  readonly epochSeed: Uint8Array;
  /** Evidence root of the weights before these, hexadecimal; null when they are the first or that was not asked for. */
  readonly previousRoot: string | null;
  /** What opens the evidence of the weights before these; null as `previousRoot` is. */
  readonly previousSalt: Uint8Array | null;
}

interface Wanted {
  readonly netuid: number;
  readonly uid: number;
  /** Of the weights in question, hexadecimal. */
  readonly evidenceRoot: string;
  /** Whether to look for the weights before these, which may lie far back. */
  readonly withPrevious: boolean;
}

/**
 * Reads from the chain's events what was fixed before a validator's epoch, walking back from the last block.
 *
 * Cost: the blocks since the validator last bound itself to a salt, about two epochs.
 *
 * @throws NodeError `AUDIT_IMPOSSIBLE` when the log does not reach that far back
 */
export async function findEpochFacts(ledger: LedgerReader, wanted: Wanted): Promise<EpochFacts> {
  const { netuid, uid, evidenceRoot, withPrevious } = wanted;
  const current = await ledger.query<{ epoch: number; seed: string }>('yuma_seed', { netuid });
  const seeds = new Map([[current.epoch, current.seed]]);
  let weights: EventView | null = null;
  let bound: { commitment: string; epoch: number } | null = null;
  let previousRoot: string | null = null;
  let previousSalt: Uint8Array | null = null;
  for await (const { name, data } of eventsBackwards(ledger, (await ledger.status()).height)) {
    if (data.netuid !== netuid) continue;
    if (name === 'yuma.epochRan') seeds.set(Number(data.epoch), String(data.seed));
    if (data.uid !== uid) continue;
    if (weights === null) {
      if (name === 'yuma.weightsSet' && data.evidenceRoot === evidenceRoot)
        weights = { name, data } as EventView;
      continue;
    }
    // The place of a neuron that was pruned goes to another.
    if (data.hotkey !== weights.data.hotkey) continue;
    if (name === 'yuma.saltCommitted') {
      bound ??= { commitment: String(data.commitment), epoch: Number(data.epoch) };
    } else if (name === 'yuma.weightsSet') {
      bound ??= { commitment: String(data.nextSaltCommitment), epoch: Number(data.epoch) };
      previousRoot = String(data.evidenceRoot);
      previousSalt = hexToBytes(String(data.salt));
    }
    if (bound !== null && (previousRoot !== null || !withPrevious)) break;
  }
  const seed = weights === null ? undefined : seeds.get(Number(weights.data.epoch));
  if (weights === null || bound === null || seed === undefined) {
    throw auditImpossible(
      `What neuron ${uid} of subnet ${netuid} was bound to is not among the last ${MAX_BLOCKS_BACK} blocks. Audit sooner, or ask a node that has them.`,
    );
  }
  return {
    epoch: BigInt(Number(weights.data.epoch)),
    validator: addressToAccountId(String(weights.data.hotkey)),
    saltCommitment: hexToBytes(bound.commitment),
    committedEpoch: BigInt(bound.epoch),
    epochSeed: hexToBytes(seed),
    previousRoot,
    previousSalt,
  };
}
