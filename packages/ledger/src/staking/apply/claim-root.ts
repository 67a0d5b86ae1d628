import { accountIdToAddress } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { creditTokens, openHolding } from '../../pools/tokens.ts';
import { rootClaimed } from '../events.ts';
import { keptPositions, keptRates, reckonClaims } from '../kept/state.ts';
import { claimRootShape } from '../messages/claim-root.ts';

export const claimRootMessage = defineMessage({
  id: 29,
  name: 'staking.claimRoot',
  help: 'Pays the sender the tokens of a subnet that were kept for its root stake at a hotkey, into its account.',
  shape: claimRootShape,
  work: () => 7,
  apply(context, { hotkey, netuid }) {
    const { state, sender } = context;
    const held = keptPositions.get(state, sender, hotkey);
    const rates = keptRates.get(state, hotkey);
    const reckoned = held === undefined ? undefined : reckonClaims(held, rates);
    const owed = reckoned?.claims.find((claim) => claim.netuid === netuid)?.owed ?? 0n;
    if (reckoned === undefined || owed === 0n) {
      return problem(
        'NOTHING_TO_CLAIM',
        `No tokens of subnet ${netuid} are kept for ${accountIdToAddress(sender)} at ${accountIdToAddress(hotkey)}. Set its stake there to keep, and wait for an epoch.`,
      );
    }
    const refused = openHolding(context, sender, netuid);
    if (refused !== null) return refused;
    creditTokens(context, sender, netuid, owed);
    keptRates.set(
      state,
      hotkey,
      rates.map((entry) => (entry.netuid === netuid ? { ...entry, held: entry.held - owed } : entry)),
    );
    const claims = reckoned.claims.map((claim) => (claim.netuid === netuid ? { ...claim, owed: 0n } : claim));
    if (reckoned.shares === 0n && claims.every((claim) => claim.owed === 0n)) {
      keptPositions.delete(state, sender, hotkey);
      releaseDeposit(context, sender, reckoned.deposit);
    } else keptPositions.set(state, sender, hotkey, { ...reckoned, claims });
    rootClaimed(context, { netuid, coldkey: sender, hotkey }, owed);
    return null;
  },
});
