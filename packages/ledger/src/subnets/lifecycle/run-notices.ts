import type { BlockContext } from '../../execution/context.ts';
import { subnetsCell } from '../state.ts';
import { fulfilChallenge } from './challenge.ts';
import { dissolveSubnet, hasRoomToDissolve, sweepNeurons } from './dissolve.ts';
import { challengeNotices, challenges, noticesCell } from './state.ts';

/** Most subnets that end in one block; others whose time is up end in the next ones. */
const DISSOLVED_PER_BLOCK = 2;

/** What the block does for subnets before emission, epochs and orders: ends those whose notice is over. */
export function runNotices(context: BlockContext): void {
  sweepNeurons(context);
  const due = noticesCell.get(context.state).filter(({ endSlot }) => endSlot <= context.slot);
  for (const { netuid } of due.slice(0, DISSOLVED_PER_BLOCK)) {
    if (!hasRoomToDissolve(context)) break;
    const challenge = challenges.get(context.state, netuid);
    dissolveSubnet(context, netuid);
    if (challenge !== undefined) fulfilChallenge(context, netuid, challenge, 'succeeded');
  }
  fillFreePlaces(context);
}

/** A place that came free goes to who waits longest, and the subnet that would have made room stays. */
function fillFreePlaces(context: BlockContext): void {
  const { state, parameters } = context;
  for (const { netuid } of challengeNotices(state)) {
    if (BigInt(subnetsCell.get(state).alive) >= parameters.subnetLimit) return;
    fulfilChallenge(context, netuid, challenges.get(state, netuid)!, 'placeFree');
  }
}
