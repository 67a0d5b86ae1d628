import { accountIdToAddress } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { releaseShape } from '../messages/release.ts';
import { releaseDue } from '../unbonding/release.ts';
import { departures, MAX_DEPARTURES } from '../unbonding/state.ts';

export const releaseMessage = defineMessage({
  id: 184,
  name: 'staking.release',
  help: 'Pays unstaked CAIRN of an account that is due. It is paid by itself in its turn; this is for when many wait.',
  shape: releaseShape,
  work: () => 4 + 5 * MAX_DEPARTURES,
  apply(context, { coldkey }) {
    if (releaseDue(context, coldkey) > 0) return null;
    const [next] = departures.get(context.state, coldkey);
    const when = next === undefined ? 'nothing waits' : `the first is due from slot ${next.freeSlot} on`;
    return problem(
      'NOTHING_DUE',
      `Nothing of ${accountIdToAddress(coldkey)} is due at slot ${context.slot}: ${when}.`,
    );
  },
});
