import { account, list, optional, struct, u8, u32, type ValueOf } from '@cairn/core';
import { MAX_VOTING_HOTKEYS, sides } from '../state.ts';

const hotkeys = list(account, MAX_VOTING_HOTKEYS);

export const voteMessageShape = struct('CastVote', {
  proposal: u32,
  side: sides,
  /** Steps of conviction, 0 to 6. */
  conviction: u8,
  /** All of the sender's stake at these votes; none to vote with delegated stake alone. */
  hotkeys,
});
export type CastVote = ValueOf<typeof voteMessageShape>;

export const withdrawVoteShape = struct('WithdrawVote', {
  proposal: u32,
  /** Whose vote; the sender's own when left out. */
  voter: optional(account),
});
export type WithdrawVote = ValueOf<typeof withdrawVoteShape>;

export const delegateVotesShape = struct('DelegateVotes', {
  to: account,
  /** Steps of conviction, 0 to 6. */
  conviction: u8,
  /** All of the sender's stake at these. */
  hotkeys,
});
export type DelegateVotes = ValueOf<typeof delegateVotesShape>;

export const undelegateVotesShape = struct('UndelegateVotes', {
  /** To whom it was delegated, so that nothing else is ended by mistake. */
  from: account,
});
export type UndelegateVotes = ValueOf<typeof undelegateVotesShape>;
