import { encode } from '@cairn/core';
import {
  cancelProposalShape,
  clock,
  councilActShape,
  delegateVotesShape,
  delegations,
  milestoneActShape,
  PARAMETER_NAMES,
  PARAMETERS,
  type Propose,
  positions,
  proposalAgendaCell,
  proposeShape,
  undelegateVotesShape,
  voteMessageShape,
  withdrawVoteShape,
} from '@cairn/ledger';
import type { BenchSender } from '../../bench/transfers.ts';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

const NO_TERMS = {
  title: 'simulated',
  bondLimit: 1_000_000_000_000n,
  description: '',
  changes: [],
  pause: null,
  grant: null,
  council: null,
};

/** What a person wants changed; small councils of the first people, so that some are agreed on. */
function termsOf({ random, people, view }: SimulationScene): Propose {
  switch (random.below(6)) {
    case 0: {
      const { slot } = clock.get(view);
      const milestones = [
        {
          amount: 1_000_000n + random.belowBig(2_000_000_000n),
          deadlineSlot: slot + 20n + random.belowBig(30n),
        },
        { amount: random.belowBig(1_000_000_000n), deadlineSlot: slot + 20n + random.belowBig(60n) },
      ];
      return { ...NO_TERMS, kind: 'grant', grant: { payee: random.pick(people).account, milestones } };
    }
    case 1: {
      const members = people.slice(0, 3 + random.below(3)).map(({ account }) => account);
      return { ...NO_TERMS, kind: 'council', council: { members, agreement: 1 + random.below(3) } };
    }
    case 2: {
      const module = random.pick(['channels', 'staking', 'yuma', 'registry', 'accounts', 'nothing']);
      return { ...NO_TERMS, kind: 'pause', pause: { module, slots: random.belowBig(12n) } };
    }
    default: {
      const name = random.pick(['feePerByte', 'treasuryShareBps', 'channelBurnBps', ...PARAMETER_NAMES]);
      const { initial, min, max, unit } = PARAMETERS[name as keyof typeof PARAMETERS];
      // The rules themselves change little, or nothing else would happen for the rest of the run.
      const isWild = random.oneIn(10);
      const value = isWild ? random.pick([min, max, max + 1n]) : initial;
      const kind = unit === ('version' as string) ? 'ruleVersion' : 'parameter';
      return { ...NO_TERMS, kind, changes: [{ name, value }] };
    }
  }
}

/** Hotkeys at which a person has stake, most of the time. */
function hotkeysOf({ random, people, view }: SimulationScene, sender: BenchSender): Uint8Array[] {
  const staked = people
    .map(({ account }) => account)
    .filter((hotkey) => positions.get(view, sender.account, hotkey) !== undefined);
  return random.oneIn(8) ? [random.pick(people).account] : staked.slice(0, 1 + random.below(16));
}

function proposalOf({ random, view }: SimulationScene): number {
  const agenda = proposalAgendaCell.get(view);
  return agenda.length === 0 || random.oneIn(6) ? random.below(40) : random.pick(agenda).id;
}

/** The life of proposals: votes of everybody on everything, lent and taken back. */
export const governanceGenerator: CallGenerator = {
  module: 'governance',
  weight: 10,
  call(scene: SimulationScene): SimulatedCall {
    const { random, people, view } = scene;
    const sender = random.pick(people);
    const proposal = proposalOf(scene);
    const made = (name: string, message: Uint8Array) => ({ sender, messageId: messageIdOf(name), message });
    switch (random.below(13)) {
      case 0:
      case 1:
        return made('governance.propose', encode(proposeShape, termsOf(scene)));
      case 2: {
        const voter = random.oneIn(2) ? null : random.pick(people).account;
        return made('governance.withdrawVote', encode(withdrawVoteShape, { proposal, voter }));
      }
      case 3: {
        const to = random.pick(people).account;
        const conviction = random.below(8);
        const message = { to, conviction, hotkeys: hotkeysOf(scene, sender) };
        return made('governance.delegateVotes', encode(delegateVotesShape, message));
      }
      case 4: {
        const from = delegations.get(view, sender.account)?.delegate ?? sender.account;
        return made('governance.undelegateVotes', encode(undelegateVotesShape, { from }));
      }
      case 5:
        return made('governance.cancelProposal', encode(cancelProposalShape, { proposal }));
      case 6: {
        const action = random.oneIn(2) ? 'delay' : 'cancel';
        return made('governance.councilAct', encode(councilActShape, { proposal, action }));
      }
      case 7: {
        const message = { proposal: random.below(60), milestone: random.below(3) };
        return made('governance.completeMilestone', encode(milestoneActShape, message));
      }
      case 8: {
        const message = { proposal: random.below(60), milestone: random.below(3) };
        return made('governance.claimGrant', encode(milestoneActShape, message));
      }
      default: {
        const message = {
          proposal,
          side: random.oneIn(4) ? ('against' as const) : ('for' as const),
          conviction: random.below(8),
          hotkeys: hotkeysOf(scene, sender),
        };
        return made('governance.vote', encode(voteMessageShape, message));
      }
    }
  },
};
