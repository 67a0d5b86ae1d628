import { accountIdToAddress, areBytesEqual, formatAmount, SUPPLY_CAP } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { problem, type Verdict } from '../execution/message.ts';
import { findChangeFault, findParameter } from '../parameters/change.ts';
import { grantTotal } from './grants.ts';
import type { Propose } from './messages/propose.ts';
import { isAlwaysLive } from './pauses.ts';
import { rulesOf } from './rules.ts';
import { type Council, councilCell, type ProposalKind } from './state.ts';

const malformed = (reason: string) =>
  problem('PROPOSAL_MALFORMED', `This proposal cannot be made: ${reason}.`);

/** Checks what a proposal would do; null: it could be enacted now. */
export function checkTerms(context: MessageContext, message: Propose): Verdict {
  const { kind, title, changes, pause, grant, council } = message;
  if (title.trim() === '') return malformed('it has no title');
  const given: Readonly<Record<ProposalKind, boolean>> = {
    parameter: changes.length > 0,
    ruleVersion: changes.length > 0,
    pause: pause !== null,
    grant: grant !== null,
    council: council !== null,
  };
  const terms = [changes.length > 0, pause !== null, grant !== null, council !== null];
  if (!given[kind] || terms.filter((isGiven) => isGiven).length !== 1)
    return malformed(`one of kind ${kind} states the terms of that kind and no other`);
  if (pause !== null) return checkPause(context, pause);
  if (council !== null) return checkCouncil(council);
  if (grant !== null) return checkGrant(context, grant);
  return checkChanges(context, kind, changes);
}

function checkChanges(context: MessageContext, kind: ProposalKind, changes: Propose['changes']): Verdict {
  const fault = findChangeFault(context.parameters, changes);
  if (fault !== null)
    return problem('PARAMETER_INVALID', `Parameter ${fault.name}: ${fault.reason}. Propose another value.`);
  const other = changes.find(
    ({ name }) => (findParameter(name)!.unit === 'version') !== (kind === 'ruleVersion'),
  );
  if (other === undefined) return null;
  return malformed(
    kind === 'ruleVersion'
      ? `${other.name} is no rule version, propose it as parameter`
      : `${other.name} is a rule version, propose it as ruleVersion`,
  );
}

function checkPause(
  { calls, parameters }: MessageContext,
  { module, slots }: NonNullable<Propose['pause']>,
): Verdict {
  if (!calls.hasModule(module)) return malformed(`no module ${module} takes messages`);
  if (isAlwaysLive(module))
    return problem(
      'MODULE_ALWAYS_LIVE',
      `Module ${module} is never paused: people would lose their say or their money.`,
    );
  if (slots <= parameters.maxPauseSlots) return null;
  return malformed(`a pause lasts at most ${parameters.maxPauseSlots} slots, not ${slots}`);
}

function checkCouncil({ members, agreement }: Council): Verdict {
  if (members.some((member, index) => members.slice(0, index).some((other) => areBytesEqual(member, other))))
    return malformed('a member of the council is named twice');
  if (members.length === 0) return agreement === 0 ? null : malformed('a council of nobody has no agreement');
  if (members.length < 3) return malformed('a council has at least 3 members, or none');
  if (agreement * 2 > members.length && agreement <= members.length) return null;
  return malformed(
    `of ${members.length} members more than half and at most all have to agree, not ${agreement}`,
  );
}

function checkGrant(context: MessageContext, { payee, milestones }: NonNullable<Propose['grant']>): Verdict {
  const { parameters, slot, state } = context;
  if (councilCell.get(state).members.length === 0)
    return problem(
      'COUNCIL_EMPTY',
      'Milestones of a grant are confirmed by a council, and there is none. Propose one first.',
    );
  if (milestones.length === 0) return malformed('a grant has at least one milestone');
  if (milestones.some(({ amount }) => amount < parameters.accountDeposit))
    return malformed(
      `a milestone pays at least ${formatAmount(parameters.accountDeposit)} CAIRN, which ${accountIdToAddress(payee)} needs to exist`,
    );
  if (grantTotal(milestones) > SUPPLY_CAP) return malformed('the milestones add up to more than can ever be');
  const { votingSlots, timeLockSlots } = rulesOf('grant', parameters);
  const earliest = slot + votingSlots + timeLockSlots;
  const tooSoon = milestones.find(({ deadlineSlot }) => deadlineSlot <= earliest);
  const latest = slot + parameters.maxGrantSlots;
  const tooLate = milestones.find(({ deadlineSlot }) => deadlineSlot > latest);
  if (tooLate !== undefined)
    return malformed(
      `the deadline at slot ${tooLate.deadlineSlot} is after slot ${latest}, the latest there may be`,
    );
  if (tooSoon === undefined) return null;
  return malformed(
    `the deadline at slot ${tooSoon.deadlineSlot} is not after slot ${earliest}, the earliest at which the grant can start`,
  );
}
