import { account, optional, struct, u16, u64, type ValueOf } from '@cairn/core';

export const dissolveSubnetShape = struct('DissolveSubnet', { netuid: u16 });
export type DissolveSubnet = ValueOf<typeof dissolveSubnetShape>;

export const cancelDissolveShape = struct('CancelDissolve', { netuid: u16 });
export type CancelDissolve = ValueOf<typeof cancelDissolveShape>;

export const claimDissolvedShape = struct('ClaimDissolved', {
  netuid: u16,
  /** Whose tokens; anybody may claim for anybody. */
  holder: account,
  /** The hotkey they were staked to; null: those in the account. */
  hotkey: optional(account),
});
export type ClaimDissolved = ValueOf<typeof claimDissolvedShape>;

export const matchChallengeShape = struct('MatchChallenge', {
  netuid: u16,
  /** Most pebbles to pay. */
  limit: u64,
});
export type MatchChallenge = ValueOf<typeof matchChallengeShape>;
