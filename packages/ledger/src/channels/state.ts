import {
  type AccountId,
  account,
  bytes32,
  type Crypto,
  concatBytes,
  list,
  struct,
  u16,
  u64,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { keysSince } from '../accounts/keys/speaking.ts';
import { defineCell, defineTable } from '../state/table.ts';
import type { StateView } from '../state/view.ts';
import { MAX_CHANNEL_ARTIFACTS } from './voucher.ts';

export const channelShape = struct('Channel', {
  payer: account,
  payee: account,
  /** Subnet whose work it pays for. */
  netuid: u16,
  /** All pebbles ever put in. */
  deposited: u64,
  /** Pebbles paid out so far, the burned share included. */
  claimed: u64,
  /** `claimed` divided by artifact, ascending by artifact. */
  totals: list(struct('ArtifactTotal', { artifact: bytes32, amount: u64 }), MAX_CHANNEL_ARTIFACTS),
  /** Live blocks at which it can be finalised; 0: open. */
  finalAt: u64,
  openedHeight: u64,
  /** Refundable deposit of this record, paid by the payer. */
  recordDeposit: u64,
});
export type Channel = ValueOf<typeof channelShape>;

export const channels = defineTable('channels', 'channel', channelShape);

/** Channels of an account: `<account hex>/<channel hex>`, for listing. */
export const channelsByParty = defineTable('channels', 'party', struct('ChannelParty', { role: u16 }));

/** Blocks in which this module ran. Dispute windows count these, so a pause never shortens one. */
export const liveBlocks = defineCell('channels', 'live', u64, 0n);

/**
 * Accounts of the keys whose vouchers pay from a channel: that which speaks for the payer, and those that did
 * since the channel opened, so that no payee loses what it was promised before a change of key.
 */
export function channelKeys(view: StateView, { payer, openedHeight }: Channel): AccountId[] {
  return keysSince(view, payer, openedHeight);
}

/** Id of a channel: the payer's nonce makes it unique on its chain. */
export function channelIdOf(
  crypto: Crypto,
  chainId: Uint8Array,
  payer: AccountId,
  nonce: bigint,
): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/channel/v1'), chainId, payer, u64ToBytes(nonce)));
}
