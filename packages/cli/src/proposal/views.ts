import { askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asCount,
  asIs,
  asList,
  asNullable,
  asObject,
  asText,
} from '../answer/checks.ts';
import type { Connection } from '../connect.ts';
import { CliError, usage } from '../errors.ts';

/** Stake and what it weighs with conviction, in pebbles and tenths of them. */
export interface PowerView {
  readonly capital: string;
  readonly weight: string;
}

export interface MilestoneView {
  readonly amount: string;
  readonly deadlineSlot: string;
  readonly state: string;
}

/** One entry of `governance_proposals`. */
export interface ProposalView {
  readonly id: number;
  readonly kind: string;
  readonly proposer: string;
  readonly title: string;
  readonly description: string;
  readonly changes: readonly { readonly name: string; readonly value: string }[];
  readonly pause: { readonly module: string; readonly slots: string } | null;
  readonly grant: { readonly payee: string; readonly milestones: readonly MilestoneView[] } | null;
  readonly council: { readonly members: readonly string[]; readonly agreement: number } | null;
  readonly state: string;
  readonly votingEndSlot: string;
  readonly enactSlot: string;
  readonly votesFor: PowerView;
  readonly votesAgainst: PowerView;
  readonly votes: number;
  readonly bond: string;
  readonly quorum: string;
  readonly approvalBps: string;
  readonly wouldBe: string;
}

const asCouncil = asObject({ members: asList(asAddress), agreement: asCount });
const asPower = asObject({ capital: asAmount, weight: asAmount });

/** One entry of `governance_proposals`, of which what is shown is checked. */
export const asProposal = asIs<ProposalView>(
  asObject({
    id: asCount,
    kind: asText,
    proposer: asAddress,
    title: asText,
    description: asText,
    changes: asList(asObject({ name: asText, value: asAmount })),
    pause: asNullable(asObject({ module: asText, slots: asAmount })),
    grant: asNullable(
      asObject({
        payee: asAddress,
        milestones: asList(asObject({ amount: asAmount, deadlineSlot: asAmount, state: asText })),
      }),
    ),
    council: asNullable(asCouncil),
    state: asText,
    votingEndSlot: asAmount,
    enactSlot: asAmount,
    votesFor: asPower,
    votesAgainst: asPower,
    bond: asAmount,
    quorum: asAmount,
    approvalBps: asAmount,
    wouldBe: asText,
  }),
);

/** Answer of `governance_status`. */
export interface GovernanceView {
  readonly treasury: string;
  readonly council: { readonly members: readonly string[]; readonly agreement: number };
  readonly pauses: readonly { readonly module: string; readonly untilSlot: string }[];
  readonly agenda: number;
  readonly grants: number;
  readonly bond: string;
  readonly staked: string;
  readonly slot: string;
}

const asGovernance = asIs<GovernanceView>(
  asObject({
    treasury: asAmount,
    council: asCouncil,
    pauses: asList(asObject({ module: asText, untilSlot: asAmount })),
    agenda: asCount,
    grants: asCount,
    bond: asAmount,
    staked: asAmount,
    slot: asAmount,
  }),
);

export const fetchGovernance = (connection: Connection): Promise<GovernanceView> =>
  askNode(connection, 'governance_status', {}, asGovernance);

/** @throws CliError `NOT_FOUND` */
export async function fetchProposal(connection: Connection, id: number): Promise<ProposalView> {
  const found = await askNode(connection, 'governance_proposal', { proposal: id }, asNullable(asProposal));
  if (found !== null) return found;
  throw new CliError(
    { code: 'NOT_FOUND', what: `proposal ${id}` },
    `There is no proposal ${id}, or it is over and cleared away. See ./cairn proposal list.`,
  );
}

export const PROPOSAL_WORD = ['<proposal>', 'number of the proposal'] as const;

/** @throws CliError `USAGE` */
export function parseProposal(text: string): number {
  const id = Number(text);
  if (/^\d{1,10}$/.test(text) && id >= 1 && id <= 0xffff_ffff) return id;
  throw usage(`A proposal is a number from 1, not ${text}.`);
}

/** Share of the votes that are for it: `66.7 %`. */
export function shareFor({ votesFor, votesAgainst }: ProposalView): string {
  const weight = BigInt(votesFor.weight);
  const all = weight + BigInt(votesAgainst.weight);
  if (all === 0n) return '-';
  const permille = (weight * 1_000n) / all;
  return `${permille / 10n}.${permille % 10n} %`;
}

/** What becomes of it next, and when. */
export function nextOf({ state, votingEndSlot, enactSlot, wouldBe }: ProposalView, slot: string): string {
  const left = (until: string) => {
    const slots = BigInt(until) - BigInt(slot);
    return slots > 0n ? slots : 0n;
  };
  if (state === 'open') return `${left(votingEndSlot)} slots of voting left, would be ${wouldBe}`;
  if (state === 'approved') return `enacted in ${left(enactSlot)} slots, at slot ${enactSlot}`;
  return '';
}
