import { addressToAccountId, hexToBytes } from '@cairn/core';
import { type Offer, offerTermsShape, TIMELOCK_SCHEME } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { fetchPages, fetchParameters } from '@cairn/sdk';
import type { AskedMiner } from './ask-miners.ts';
import type { ValidatorOptions } from './validator-parts.ts';

/** A salt the ledger binds a validator to. */
export interface BoundSaltView {
  readonly commitment: Uint8Array;
  readonly epoch: number;
}

/** Weights of this validator that the ledger holds the commitment of. */
export interface CommitView {
  readonly epoch: bigint;
  readonly revealEpoch: bigint;
  readonly commitment: Uint8Array;
  readonly root: Uint8Array;
  /** Whether it is locked to a round of the beacon, so that the ledger opens it. */
  readonly isTimelocked: boolean;
}

/** Weights of one epoch that wait for a round of the beacon. */
export interface LockView {
  readonly epoch: bigint;
  readonly hasPulse: boolean;
  /** Block time from which they may be revealed by hand if the pulse is not there. Milliseconds. */
  readonly byHandMs: number;
}

/** How weights of this epoch are locked. */
export interface TimelockView {
  /** Of the beacon. */
  readonly publicKey: Uint8Array;
  readonly round: bigint;
  readonly locks: readonly LockView[];
}

/** A validator's own place. */
export interface OwnPlace {
  readonly uid: number;
  readonly permit: boolean;
  /** Salts to come, in the order of use. */
  readonly bound: readonly BoundSaltView[];
  /** Secret weights, the oldest first. */
  readonly commits: readonly CommitView[];
  /** Evidence root of the weights in force; null without any. */
  readonly rootInForce: Uint8Array | null;
}

/** What a validator looks at before it works. */
export interface SubnetView {
  readonly epoch: bigint;
  readonly seed: Uint8Array;
  /** Salts that entered the seed. */
  readonly mixedSalts: number;
  /** Epochs from a commit to its reveal; null where weights are set in the open. */
  readonly revealEpochs: number | null;
  /** Null where the network has no beacon. */
  readonly timelock: TimelockView | null;
  /** Whether weights are locked to a round, not committed as a hash. */
  readonly isTimelocked: boolean;
  /** Null when it is not registered. */
  readonly self: OwnPlace | null;
  /** Block time until the epoch ends. Milliseconds. */
  readonly leftMs: number;
  /** Neurons with an offer on this subnet, the validator's own left out. */
  readonly miners: readonly AskedMiner[];
}

interface BoundRow {
  readonly commitment: string;
  readonly epoch: number;
}
interface SeedRow {
  readonly epoch: number;
  readonly seed: string;
  readonly mixedSalts: number;
  readonly salts: readonly { readonly uid: number; readonly bound: readonly BoundRow[] }[];
}
interface CommitRow {
  readonly epoch: number;
  readonly revealEpoch: number;
  readonly commitment: string;
  readonly evidenceRoot: string;
  readonly scheme: number;
}
interface TimelockRow {
  readonly publicKey: string;
  readonly round: string;
  readonly epochs: readonly {
    readonly epoch: number;
    readonly hasPulse: boolean;
    readonly byHandMs: string;
  }[];
}
interface MetagraphRow {
  readonly subnet: {
    readonly slot: string;
    readonly nextEpochSlot: string;
    readonly hyperparameters: { readonly commitReveal: number; readonly revealEpochs: number };
  };
  readonly neurons: readonly { uid: number; hotkey: string; permit: boolean }[];
}
type OfferRow = { readonly id: string; readonly provider: string; readonly netuid: number };

/** All offers on the ledger that have not expired. */
export async function fetchOffers(ledger: LedgerReader): Promise<Offer[]> {
  const listed = await fetchPages<OfferRow>(ledger, 'registry_offers');
  return listed.map(({ id: _, provider, ...terms }) => ({
    provider: addressToAccountId(provider),
    terms: offerTermsShape.fromJson(terms),
    recordDeposit: 0n,
  }));
}

/** Null when the subnet does not exist. */
export async function readSubnetView(
  ledger: LedgerReader,
  { netuid, mechanism = 0 }: Pick<ValidatorOptions, 'netuid' | 'mechanism'>,
  hotkey: string,
): Promise<SubnetView | null> {
  const seed = await ledger.query<SeedRow | null>('yuma_seed', { netuid });
  const metagraph = await ledger.query<MetagraphRow | null>('subnets_metagraph', { netuid });
  if (seed === null || metagraph === null) return null;
  const { slotMs } = await fetchParameters(ledger);
  const slotsLeft = BigInt(metagraph.subnet.nextEpochSlot) - BigInt(metagraph.subnet.slot);
  const offers = (await fetchOffers(ledger)).filter(({ terms }) => terms.netuid === netuid);
  const own = metagraph.neurons.find((neuron) => neuron.hotkey === hotkey);
  const { commitReveal, revealEpochs } = metagraph.subnet.hyperparameters;
  return {
    epoch: BigInt(seed.epoch),
    seed: hexToBytes(seed.seed),
    mixedSalts: seed.mixedSalts,
    revealEpochs: commitReveal === 0 ? null : revealEpochs,
    timelock: await readTimelock(ledger, netuid),
    isTimelocked: commitReveal === TIMELOCK_SCHEME,
    leftMs: Number(slotsLeft * slotMs),
    self:
      own === undefined
        ? null
        : await readOwnPlace(ledger, { netuid, mechanism, uid: own.uid }, own.permit, seed),
    miners: metagraph.neurons.flatMap(({ uid, hotkey: address }) => {
      const miner = addressToAccountId(address);
      const offer = offers.find(({ provider }) => provider.every((byte, index) => byte === miner[index]));
      return offer === undefined || address === hotkey ? [] : [{ uid, miner, offer }];
    }),
  };
}

async function readTimelock(ledger: LedgerReader, netuid: number): Promise<TimelockView | null> {
  const row = await ledger.query<TimelockRow | null>('yuma_timelock', { netuid });
  if (row === null) return null;
  return {
    publicKey: hexToBytes(row.publicKey),
    round: BigInt(row.round),
    locks: row.epochs.map(({ epoch, hasPulse, byHandMs }) => ({
      epoch: BigInt(epoch),
      hasPulse,
      byHandMs: Number(byHandMs),
    })),
  };
}

/**
 * Blocks may be made between the queries. The epoch was read first and the weights in force are read last, so that
 * weights which left the list of secret ones since are found in force.
 */
async function readOwnPlace(
  ledger: LedgerReader,
  place: { readonly netuid: number; readonly mechanism: number; readonly uid: number },
  permit: boolean,
  { salts }: SeedRow,
): Promise<OwnPlace> {
  const { uid } = place;
  const commits = await ledger.query<CommitRow[]>('yuma_commits', place);
  const inForce = await ledger.query<{ evidenceRoot: string } | null>('yuma_weights', place);
  const bound = salts.find((salt) => salt.uid === uid)?.bound ?? [];
  return {
    uid,
    permit,
    bound: bound.map(({ commitment, epoch }) => ({ commitment: hexToBytes(commitment), epoch })),
    commits: commits.map(({ epoch, revealEpoch, commitment, evidenceRoot, scheme }) => ({
      epoch: BigInt(epoch),
      revealEpoch: BigInt(revealEpoch),
      commitment: hexToBytes(commitment),
      root: hexToBytes(evidenceRoot),
      isTimelocked: scheme === TIMELOCK_SCHEME,
    })),
    rootInForce: inForce === null ? null : hexToBytes(inForce.evidenceRoot),
  };
}
