import { addressToAccountId, bytesToHex, type Crypto, hexToBytes } from '@cairn/core';
import { saltCommitment } from '@cairn/ledger';
import type { EventView, LedgerReader } from '@cairn/protocol';
import { type BlockEvents, eventsBackwards, MAX_BLOCKS_BACK } from './events-backwards.ts';
import { auditImpossible } from './impossible.ts';

export interface HistoryParts {
  readonly ledger: LedgerReader;
  readonly history: BlockEvents;
}

/** The salt that opens the evidence of some weights, as the transaction that set them revealed it. */
export async function findRevealedSalt(
  { ledger, history }: HistoryParts,
  { netuid, uid, evidenceRoot }: Pick<Wanted, 'netuid' | 'uid' | 'evidenceRoot'>,
): Promise<Uint8Array> {
  for await (const { name, data } of eventsBackwards(history, (await ledger.status()).height)) {
    const isOfPlace = name === 'yuma.weightsSet' && data.netuid === netuid && data.uid === uid;
    if (isOfPlace && data.evidenceRoot === evidenceRoot) return hexToBytes(String(data.salt));
  }
  throw auditImpossible(
    `The salt of the weights of neuron ${uid} of subnet ${netuid} is not among the last ${MAX_BLOCKS_BACK} blocks. Audit sooner, or ask a node that has them.`,
  );
}

/** What the ledger recorded of one validator's weights and of what went before them. */
export interface EpochFacts {
  /** The epoch whose tasks were scored. */
  readonly epoch: bigint;
  /** The hotkey that set the weights. */
  readonly validator: Uint8Array;
  readonly saltCommitment: Uint8Array;
  /** The epoch in which that salt was committed. */
  readonly committedEpoch: bigint;
  readonly epochSeed: Uint8Array;
  /**
   * Evidence root of the weights in force when these were committed, hexadecimal; null when they are the first or
   * that was not asked for.
   */
  readonly previousRoot: string | null;
  /** What opens the evidence of those; null as `previousRoot` is. */
  readonly previousSalt: Uint8Array | null;
  /** They were looked for and not found, but the blocks here do not go back to the beginning of the chain. */
  readonly isPreviousUnknown: boolean;
}

interface Wanted {
  readonly netuid: number;
  readonly mechanism: number;
  readonly uid: number;
  /** Of the weights in question, hexadecimal. */
  readonly evidenceRoot: string;
  /** Whether to look for the weights before these, which may lie far back. */
  readonly withPrevious: boolean;
}

/**
 * Reads from the chain's events what was fixed before a validator's epoch, walking back from the last block.
 *
 * Cost: the blocks since the validator bound itself to the salt, about four epochs.
 *
 * @throws NodeError `AUDIT_IMPOSSIBLE` when the log does not reach that far back
 */
export async function findEpochFacts(
  { ledger, history, crypto }: HistoryParts & { readonly crypto: Crypto },
  wanted: Wanted,
): Promise<EpochFacts> {
  const { netuid, mechanism, uid, withPrevious } = wanted;
  const current = await ledger.query<{ epoch: number; seed: string }>('yuma_seed', { netuid });
  const seeds = new Map([[current.epoch, current.seed]]);
  let found: Weights | null = null;
  let isBeforeCommit = false;
  let committedEpoch: bigint | null = null;
  let previous: { root: string; salt: Uint8Array } | null = null;
  let isCut = false;
  const { height } = await ledger.status();
  const onEnd = (isBeginning: boolean) => {
    isCut = !isBeginning;
  };
  for await (const { name, data } of eventsBackwards(history, height, onEnd)) {
    if (data.netuid !== netuid) continue;
    if (name === 'yuma.epochRan') seeds.set(Number(data.epoch), String(data.seed));
    if (found === null) {
      if (data.uid !== uid) continue;
      found = readWeights(crypto, wanted, { name, data });
      isBeforeCommit = found?.isOpen === true;
      continue;
    }
    // The place of a neuron that was pruned goes to another, and a hotkey that comes back gets another place.
    if (data.hotkey !== found.hotkey) continue;
    if (name === 'yuma.weightsCommitted' && data.evidenceRoot === wanted.evidenceRoot) isBeforeCommit = true;
    if (bindsSalt({ name, data }, found.saltCommitment)) committedEpoch ??= BigInt(Number(data.epoch));
    if (name === 'yuma.weightsSet' && data.mechanism === mechanism && isBeforeCommit)
      previous ??= { root: String(data.evidenceRoot), salt: hexToBytes(String(data.salt)) };
    if (committedEpoch !== null && (previous !== null || !withPrevious)) break;
  }
  const seed = found === null ? undefined : seeds.get(found.scoredEpoch);
  if (found === null || committedEpoch === null || seed === undefined) {
    throw auditImpossible(
      `What neuron ${uid} of subnet ${netuid} was bound to is not among the last ${MAX_BLOCKS_BACK} blocks. Audit sooner, or ask a node that has them.`,
    );
  }
  return {
    epoch: BigInt(found.scoredEpoch),
    validator: addressToAccountId(found.hotkey),
    saltCommitment: hexToBytes(found.saltCommitment),
    committedEpoch,
    epochSeed: hexToBytes(seed),
    previousRoot: previous?.root ?? null,
    previousSalt: previous?.salt ?? null,
    isPreviousUnknown: withPrevious && previous === null && isCut,
  };
}

type Told = Pick<EventView, 'name' | 'data'>;

interface Weights {
  readonly hotkey: string;
  readonly scoredEpoch: number;
  /** Of the salt they revealed, hexadecimal. */
  readonly saltCommitment: string;
  /** Set without a commit before. */
  readonly isOpen: boolean;
}

function readWeights(
  crypto: Crypto,
  { netuid, mechanism, evidenceRoot }: Wanted,
  { name, data }: Told,
): Weights | null {
  if (name !== 'yuma.weightsSet' || data.evidenceRoot !== evidenceRoot) return null;
  if (data.mechanism !== mechanism) return null;
  const hotkey = String(data.hotkey);
  const salt = hexToBytes(String(data.salt));
  return {
    hotkey,
    scoredEpoch: Number(data.scoredEpoch),
    saltCommitment: bytesToHex(saltCommitment(crypto, netuid, addressToAccountId(hotkey), salt)),
    isOpen: data.scoredEpoch === data.epoch,
  };
}

/** Whether an event is the one in which a salt was committed. */
function bindsSalt({ name, data }: Told, commitment: string): boolean {
  if (name === 'yuma.weightsSet') return data.nextSaltCommitment === commitment;
  if (name !== 'yuma.saltCommitted' || !Array.isArray(data.commitments)) return false;
  return data.commitments.includes(commitment);
}
