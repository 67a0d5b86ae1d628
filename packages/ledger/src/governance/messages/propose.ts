import { account, list, optional, struct, text, u64, type ValueOf, withDefault } from '@cairn/core';
import { changesShape, councilShape, MAX_MILESTONES, pauseTermsShape, proposalKind } from '../state.ts';

export const proposeShape = struct('Propose', {
  kind: proposalKind,
  title: text(96),
  /** Most pebbles to bind; the bond rises with issuance and with what is on the agenda. */
  bondLimit: u64,
  description: withDefault(text(1_024), ''),
  /** Of `parameter` and `ruleVersion`: made together. */
  changes: withDefault(changesShape, []),
  /** Of `pause`. */
  pause: optional(pauseTermsShape),
  /** Of `grant`. */
  grant: optional(
    struct('ProposedGrant', {
      payee: account,
      milestones: list(struct('ProposedMilestone', { amount: u64, deadlineSlot: u64 }), MAX_MILESTONES),
    }),
  ),
  /** Of `council`: who takes the place of the one there is; nobody to have none. */
  council: optional(councilShape),
});
export type Propose = ValueOf<typeof proposeShape>;
