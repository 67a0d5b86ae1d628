import { account, bytesToHex, hexToBytes, optional, struct, u16, u32, u64, withDefault } from '@cairn/core';
import { defineQuery, noParams } from '../execution/query.ts';
import { supplyCell } from '../flows/supply.ts';
import { readParameters } from '../parameters/state.ts';
import { bondNow } from './apply/propose.ts';
import { stakeLockShape, stakeLocks } from './locks.ts';
import { pausesCell } from './pauses.ts';
import { NO_POWER, votingPowerShape } from './power.ts';
import { outcomeOf, rulesOf } from './rules.ts';
import {
  councilCell,
  councilShape,
  delegationShape,
  delegations,
  grantsCell,
  lentPowers,
  type Proposal,
  proposalAgendaCell,
  proposalShape,
  proposals,
  voteShape,
  votes,
} from './state.ts';
import { treasuryCell } from './treasury.ts';

const MAX_LISTED = 100;
const mostListed = (limit: number): number => (limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED));
const none = { type: 'null' };

const proposalSchema = {
  type: 'object',
  properties: {
    id: u32.schema,
    ...(proposalShape.schema.properties as object),
    quorum: u64.schema,
    approvalBps: u64.schema,
    wouldBe: { type: 'string', enum: ['approved', 'rejected', 'expired'] },
  },
};

function describe(view: Parameters<typeof readParameters>[0], id: number, proposal: Proposal) {
  const parameters = readParameters(view);
  const outcome = outcomeOf(proposal, parameters, supplyCell.get(view).staked);
  return {
    id,
    ...(proposalShape.toJson(proposal) as object),
    quorum: outcome.quorum.toString(),
    approvalBps: rulesOf(proposal.kind, parameters).approvalBps.toString(),
    wouldBe: outcome.state,
  };
}

export const proposalQuery = defineQuery({
  name: 'governance_proposal',
  help: 'One proposal with its votes, the stake that has to be for it, and what it would be if the vote ended now; null when there is none.',
  params: struct('ProposalParams', { proposal: u32 }),
  result: { anyOf: [proposalSchema, none] },
  run({ view }, { proposal: id }) {
    const found = proposals.get(view, id);
    return found === undefined ? null : describe(view, id, found);
  },
});

export const proposalsQuery = defineQuery({
  name: 'governance_proposals',
  help: `Proposals that are kept, at most ${MAX_LISTED} above \`after\`: those voted on, waiting or running as grants, and ended ones until their votes are withdrawn.`,
  params: struct('ProposalsParams', { after: optional(u32), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: proposalSchema },
  run({ view }, { after, limit }) {
    const listed = [];
    for (const key of proposals.table.ids(view, '', after === null ? undefined : proposals.key(after))) {
      if (listed.length >= mostListed(limit)) break;
      listed.push(describe(view, Number(key), proposals.table.get(view, key)!));
    }
    return listed;
  },
});

export const votesQuery = defineQuery({
  name: 'governance_votes',
  help: `Votes on a proposal, at most ${MAX_LISTED} above \`after\`.`,
  params: struct('VotesParams', { proposal: u32, after: optional(account), limit: withDefault(u16, 0) }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: { voter: account.schema, ...(voteShape.schema.properties as object) },
    },
  },
  run({ view }, { proposal, after, limit }) {
    const within = `${proposals.key(proposal)}/`;
    const listed = [];
    const from = after === null ? undefined : within + bytesToHex(after);
    for (const id of votes.table.ids(view, within, from)) {
      if (listed.length >= mostListed(limit)) break;
      const voter = account.toJson(hexToBytes(id.slice(within.length)));
      listed.push({ voter, ...(voteShape.toJson(votes.table.get(view, id)!) as object) });
    }
    return listed;
  },
});

export const voterQuery = defineQuery({
  name: 'governance_voter',
  help: `What an account has delegated, what is delegated to it, and at most ${MAX_LISTED} of its positions that votes lock.`,
  params: struct('VoterParams', { voter: account }),
  result: {
    type: 'object',
    properties: {
      delegation: { anyOf: [delegationShape.schema, none] },
      lent: votingPowerShape.schema,
      delegators: u32.schema,
      locks: {
        type: 'array',
        items: {
          type: 'object',
          properties: { hotkey: account.schema, ...(stakeLockShape.schema.properties as object) },
        },
      },
    },
  },
  run({ view }, { voter }) {
    const delegation = delegations.get(view, voter);
    const lent = lentPowers.get(view, voter);
    const within = `${bytesToHex(voter)}/`;
    const locks = [];
    for (const id of stakeLocks.table.ids(view, within)) {
      if (locks.length >= MAX_LISTED) break;
      const hotkey = account.toJson(hexToBytes(id.slice(within.length)));
      locks.push({ hotkey, ...(stakeLockShape.toJson(stakeLocks.table.get(view, id)!) as object) });
    }
    return {
      delegation: delegation === undefined ? null : delegationShape.toJson(delegation),
      lent: votingPowerShape.toJson(lent?.power ?? NO_POWER),
      delegators: lent?.delegators ?? 0,
      locks,
    };
  },
});

export const governanceQuery = defineQuery({
  name: 'governance_status',
  help: 'Treasury, council, paused modules, how many proposals are on the agenda and grants run, and the bond of the next proposal.',
  params: noParams,
  result: {
    type: 'object',
    properties: {
      treasury: u64.schema,
      council: councilShape.schema,
      pauses: {
        type: 'array',
        items: { type: 'object', properties: { module: { type: 'string' }, untilSlot: u64.schema } },
      },
      agenda: u16.schema,
      grants: u16.schema,
      bond: u64.schema,
      staked: u64.schema,
      slot: u64.schema,
    },
  },
  run({ view, slot }) {
    return {
      treasury: treasuryCell.get(view).toString(),
      council: councilShape.toJson(councilCell.get(view)),
      pauses: pausesCell
        .get(view)
        .map(({ module, untilSlot }) => ({ module, untilSlot: untilSlot.toString() })),
      agenda: proposalAgendaCell.get(view).length,
      grants: grantsCell.get(view).length,
      bond: bondNow(view, readParameters(view)).toString(),
      staked: supplyCell.get(view).staked.toString(),
      slot: slot.toString(),
    };
  },
});
