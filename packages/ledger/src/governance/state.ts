import {
  type AccountId,
  account,
  bool,
  bytesToHex,
  choice,
  list,
  optional,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { votingPowerShape } from './power.ts';

/** Most proposals voted on or waiting, grants running, members of the council, and entries of one proposal. */
export const MAX_OPEN = 32;
export const MAX_GRANTS = 64;
const MAX_COUNCIL = 15;
const MAX_CHANGES = 8;
export const MAX_MILESTONES = 8;
/** Most hotkeys whose stake one vote or delegation names. */
export const MAX_VOTING_HOTKEYS = 16;

export const PROPOSAL_KINDS = ['parameter', 'grant', 'ruleVersion', 'pause', 'council'] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];
export const proposalKind = choice('kind', PROPOSAL_KINDS, u8);

export const changesShape = list(struct('ProposedChange', { name: text(64), value: u64 }), MAX_CHANGES);
export const pauseTermsShape = struct('PauseTerms', {
  module: text(32),
  /** Slots from enactment on; 0 ends a pause. */
  slots: u64,
});
export const councilShape = struct('Council', {
  members: list(account, MAX_COUNCIL),
  /** Members that have to agree: more than half, and at least two. */
  agreement: u16,
});
export type Council = ValueOf<typeof councilShape>;

const milestoneShape = struct('Milestone', {
  amount: u64,
  /** Slot after which what is not confirmed goes back to the treasury. */
  deadlineSlot: u64,
  state: choice('state', ['planned', 'confirmed', 'paid', 'returned'], u8),
  /** Members of the council that say it is done. */
  confirmations: list(account, MAX_COUNCIL),
});
export type Milestone = ValueOf<typeof milestoneShape>;

export const proposalShape = struct('Proposal', {
  kind: proposalKind,
  proposer: account,
  title: text(96),
  description: text(1_024),
  changes: changesShape,
  pause: optional(pauseTermsShape),
  grant: optional(struct('Grant', { payee: account, milestones: list(milestoneShape, MAX_MILESTONES) })),
  council: optional(councilShape),
  /**
   * `open`: voted on. `approved`: waits for its time lock. `enacted`: done. `rejected`: not enough of the votes.
   * `expired`: not enough stake behind it. `cancelled`: by its proposer or the council. `failed`: could not be
   * enacted any more.
   */
  state: choice('state', ['open', 'approved', 'enacted', 'rejected', 'expired', 'cancelled', 'failed'], u8),
  openedSlot: u64,
  votingEndSlot: u64,
  /** Slot of enactment, once approved. */
  enactSlot: u64,
  votesFor: votingPowerShape,
  votesAgainst: votingPowerShape,
  /** Vote records there are. */
  votes: u32,
  /** Pebbles at risk; 0 once given back or lost. */
  bond: u64,
  /** Refundable deposit of this record, paid by the proposer. */
  recordDeposit: u64,
  /** Members of the council that want it cancelled or put off. */
  cancels: list(account, MAX_COUNCIL),
  delays: list(account, MAX_COUNCIL),
  isDelayed: bool,
});
export type Proposal = ValueOf<typeof proposalShape>;
export type ProposalState = Proposal['state'];

/** Bytes by which a proposal may grow: what the council says, for itself and for each milestone. */
export const PROPOSAL_GROWTH_BYTES = 2 * MAX_COUNCIL * 32 + 64;
export const MILESTONE_GROWTH_BYTES = MAX_COUNCIL * 32;

const proposalTable = defineTable('governance', 'proposal', proposalShape);
/** Decimal id of fixed width, so that ids order as numbers. */
const proposalKey = (id: number): string => id.toString().padStart(10, '0');

export const proposals = {
  table: proposalTable,
  key: proposalKey,
  get: (view: StateView, id: number) => proposalTable.get(view, proposalKey(id)),
  set: (state: Overlay, id: number, value: Proposal) => proposalTable.set(state, proposalKey(id), value),
  delete: (state: Overlay, id: number) => proposalTable.delete(state, proposalKey(id)),
};

/** Number of the next proposal. */
export const nextProposalCell = defineCell('governance', 'next', u32, 1);

const due = (name: string, max: number) => list(struct(name, { id: u32, dueSlot: u64 }), max);

/** Proposals that are voted on or wait, and the slot at which each moves on. Ascending by id. */
export const proposalAgendaCell = defineCell('governance', 'agenda', due('AgendaEntry', MAX_OPEN), [], {
  isRemembered: true,
});
export type AgendaEntry = { id: number; dueSlot: bigint };

/** Grants that still hold money, and the next deadline of each. */
export const grantsCell = defineCell('governance', 'grants', due('RunningGrant', MAX_GRANTS), [], {
  isRemembered: true,
});

/** Who may delay and cancel. It begins with nobody. */
export const councilCell = defineCell<Council>('governance', 'council', councilShape, {
  members: [],
  agreement: 0,
});

export const sides = choice('side', ['for', 'against'], u8);
export type Side = ValueOf<typeof sides>;

/** Shares of a position that vote. */
export const votingStakesShape = list(
  struct('VotingStake', { hotkey: account, shares: u64 }),
  MAX_VOTING_HOTKEYS,
);
export type VotingStakes = ValueOf<typeof votingStakesShape>;

export const voteShape = struct('Vote', {
  side: sides,
  conviction: u8,
  /** Slots for which conviction binds after the end, as it was at the vote. */
  lockSlots: u64,
  stakes: votingStakesShape,
  /** Of the voter's own stake, as it was worth at the vote. */
  own: votingPowerShape,
  /** Of those who delegate to the voter and do not vote themselves. */
  lent: votingPowerShape,
  /** What the voter has delegated and its own vote keeps from the delegate, on this proposal. */
  withheld: optional(struct('WithheldPower', { delegate: account, power: votingPowerShape })),
  /** Refundable deposit of this record and what comes with it, paid by the voter. */
  deposit: u64,
});
export type Vote = ValueOf<typeof voteShape>;
/** Bytes beside stakes, and the record of what is withheld. */
export const VOTE_BYTES = 300;
export const STAKE_BYTES = 40;

const voteTable = defineTable('governance', 'vote', voteShape);
const ofProposal = (id: number, who: AccountId): string => `${proposalKey(id)}/${bytesToHex(who)}`;

/** Votes: `<proposal>/<account hex>`. */
export const votes = {
  table: voteTable,
  get: (view: StateView, id: number, voter: AccountId) => voteTable.get(view, ofProposal(id, voter)),
  set: (state: Overlay, id: number, voter: AccountId, value: Vote) =>
    voteTable.set(state, ofProposal(id, voter), value),
  delete: (state: Overlay, id: number, voter: AccountId) => voteTable.delete(state, ofProposal(id, voter)),
};

const withheldTable = defineTable('governance', 'withheld', votingPowerShape);

/** Delegated to an account by those who vote themselves on a proposal: `<proposal>/<delegate hex>`. */
export const withheldPowers = {
  table: withheldTable,
  get: (view: StateView, id: number, delegate: AccountId) =>
    withheldTable.get(view, ofProposal(id, delegate)),
  set: (state: Overlay, id: number, delegate: AccountId, value: ValueOf<typeof votingPowerShape>) =>
    value.capital === 0n
      ? withheldTable.delete(state, ofProposal(id, delegate))
      : withheldTable.set(state, ofProposal(id, delegate), value),
};

export const delegationShape = struct('Delegation', {
  delegate: account,
  conviction: u8,
  /** Slots for which conviction binds once it ends, as it was when it began. */
  lockSlots: u64,
  stakes: votingStakesShape,
  power: votingPowerShape,
  /** Refundable deposit of this record and of the delegate's, paid by who delegates. */
  deposit: u64,
});
export type Delegation = ValueOf<typeof delegationShape>;
export const DELEGATION_BYTES = 220;

const delegationTable = defineTable('governance', 'delegation', delegationShape);
export const delegations = {
  table: delegationTable,
  get: (view: StateView, from: AccountId) => delegationTable.get(view, bytesToHex(from)),
  set: (state: Overlay, from: AccountId, value: Delegation) =>
    delegationTable.set(state, bytesToHex(from), value),
  delete: (state: Overlay, from: AccountId) => delegationTable.delete(state, bytesToHex(from)),
};

const lentTable = defineTable(
  'governance',
  'lent',
  struct('LentPower', { power: votingPowerShape, delegators: u32 }),
);
export type LentPower = { power: ValueOf<typeof votingPowerShape>; delegators: number };

/** All that is delegated to an account. */
export const lentPowers = {
  table: lentTable,
  get: (view: StateView, delegate: AccountId) => lentTable.get(view, bytesToHex(delegate)),
  set: (state: Overlay, delegate: AccountId, value: LentPower) =>
    value.delegators === 0
      ? lentTable.delete(state, bytesToHex(delegate))
      : lentTable.set(state, bytesToHex(delegate), value),
};
