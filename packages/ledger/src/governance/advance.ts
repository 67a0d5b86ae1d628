import type { BlockContext } from '../execution/context.ts';
import { supplyCell } from '../flows/supply.ts';
import { findChangeFault } from '../parameters/change.ts';
import { changeParameters, readParameters } from '../parameters/state.ts';
import { endProposal, schedule } from './end-proposal.ts';
import {
  approved,
  declined,
  enacted,
  failed,
  modulePaused,
  moduleResumed,
  parameterChanged,
} from './events.ts';
import { settleDueGrants, startGrant } from './grants.ts';
import { endPauses, setPause } from './pauses.ts';
import { outcomeOf, rulesOf } from './rules.ts';
import { councilCell, type Proposal, proposalAgendaCell, proposals } from './state.ts';

/**
 * Moves on what is due, before the messages of the block: so no vote comes after the end, and none is counted twice.
 *
 * Cost: at most 32 proposals and 64 grants, those whose slot has come.
 */
export function advanceGovernance(context: BlockContext): void {
  const { state, slot } = context;
  for (const module of endPauses(state, slot)) moduleResumed(context, module);
  for (const { id, dueSlot } of proposalAgendaCell.get(state)) {
    if (dueSlot > slot) continue;
    const proposal = proposals.get(state, id)!;
    if (proposal.state === 'open') closeVote(context, id, proposal);
    else enact(context, id, proposal);
  }
  settleDueGrants(context);
}

function closeVote(context: BlockContext, id: number, proposal: Proposal): void {
  const { state, parameters, slot } = context;
  const outcome = outcomeOf(proposal, parameters, supplyCell.get(state).staked);
  if (outcome.state !== 'approved') {
    const bondLost = outcome.isBondLost ? proposal.bond : 0n;
    endProposal(context, id, proposal, outcome.state, outcome.isBondLost);
    declined(context, id, proposal, outcome, bondLost);
    return;
  }
  const enactSlot = slot + rulesOf(proposal.kind, parameters).timeLockSlots;
  const waiting = { ...proposal, state: 'approved', enactSlot } as const;
  approved(context, id, waiting, outcome);
  proposals.set(state, id, waiting);
  if (enactSlot <= slot) enact(context, id, waiting);
  else schedule(state, id, enactSlot);
}

/** The first block that runs under what was enacted: messages of this one already see pauses, grants and council. */
function effectiveHeight({ block }: BlockContext, { kind }: Proposal): number {
  return kind === 'parameter' || kind === 'ruleVersion' ? block.height + 1 : block.height;
}

function enact(context: BlockContext, id: number, proposal: Proposal): void {
  const reason = bringAbout(context, id, proposal);
  endProposal(context, id, proposal, reason === null ? 'enacted' : 'failed');
  if (reason === null) enacted(context, id, proposal, effectiveHeight(context, proposal));
  else failed(context, id, proposal, reason);
}

/** @returns why it cannot be done any more, or null */
function bringAbout(context: BlockContext, id: number, proposal: Proposal): string | null {
  const { state, slot } = context;
  const { pause, council } = proposal;
  switch (proposal.kind) {
    case 'parameter':
    case 'ruleVersion':
      return changeRules(context, id, proposal);
    case 'grant':
      return startGrant(context, id, proposal);
    case 'council':
      councilCell.set(state, council!);
      return null;
    case 'pause': {
      const { module, slots } = pause!;
      setPause(state, module, slot + slots, slot);
      if (slots > 0n) modulePaused(context, module, slot + slots);
      else moduleResumed(context, module);
      return null;
    }
  }
}

/** What is in force may have changed since the proposal was made, so everything is checked again. */
function changeRules(context: BlockContext, id: number, { changes }: Proposal): string | null {
  const current = readParameters(context.state);
  const fault = findChangeFault(current, changes);
  if (fault !== null) return `parameter ${fault.name}: ${fault.reason}`;
  changeParameters(context.state, changes);
  for (const { name, value } of changes)
    parameterChanged(context, id, { name, before: current[name as keyof typeof current], value });
  return null;
}
