import { addressToAccountId, hexToBytes } from '@cairn/core';
import { type Offer, offerTermsShape } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { fetchPages, fetchParameters } from '@cairn/sdk';
import type { AskedMiner } from './ask-miners.ts';

/** What a validator looks at before it works. */
export interface SubnetView {
  readonly epoch: bigint;
  readonly seed: Uint8Array;
  /** The validator's own place; null when it is not registered. */
  readonly self: {
    readonly uid: number;
    readonly permit: boolean;
    readonly salt: { readonly commitment: Uint8Array; readonly committedEpoch: bigint } | null;
  } | null;
  /** Block time until the epoch ends. Milliseconds. */
  readonly leftMs: number;
  /** Neurons with an offer on this subnet, the validator's own left out. */
  readonly miners: readonly AskedMiner[];
}

interface SeedRow {
  readonly epoch: number;
  readonly seed: string;
  readonly salts: readonly { uid: number; commitment: string; committedEpoch: number }[];
}
interface MetagraphRow {
  readonly subnet: { readonly slot: string; readonly nextEpochSlot: string };
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
  netuid: number,
  hotkey: string,
): Promise<SubnetView | null> {
  const seed = await ledger.query<SeedRow | null>('yuma_seed', { netuid });
  const metagraph = await ledger.query<MetagraphRow | null>('subnets_metagraph', { netuid });
  if (seed === null || metagraph === null) return null;
  const { slotMs } = await fetchParameters(ledger);
  const slotsLeft = BigInt(metagraph.subnet.nextEpochSlot) - BigInt(metagraph.subnet.slot);
  const offers = (await fetchOffers(ledger)).filter(({ terms }) => terms.netuid === netuid);
  const own = metagraph.neurons.find((neuron) => neuron.hotkey === hotkey);
  const salt = own && seed.salts.find(({ uid }) => uid === own.uid);
  return {
    epoch: BigInt(seed.epoch),
    seed: hexToBytes(seed.seed),
    leftMs: Number(slotsLeft * slotMs),
    self: own === undefined ? null : { uid: own.uid, permit: own.permit, salt: readSalt(salt) },
    miners: metagraph.neurons.flatMap(({ uid, hotkey: address }) => {
      const miner = addressToAccountId(address);
      const offer = offers.find(({ provider }) => provider.every((byte, index) => byte === miner[index]));
      return offer === undefined || address === hotkey ? [] : [{ uid, miner, offer }];
    }),
  };
}

function readSalt(salt: SeedRow['salts'][number] | undefined) {
  if (salt === undefined) return null;
  return { commitment: hexToBytes(salt.commitment), committedEpoch: BigInt(salt.committedEpoch) };
}
