import { type Amount, accountIdToAddress, formatAmount } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { rootClaimSet } from '../events.ts';
import { KEPT_POSITION_BYTES, keptPositions, keptRates, reckonClaims } from '../kept/state.ts';
import { type SetRootClaim, setRootClaimShape } from '../messages/set-root-claim.ts';
import { addShares, planSale, poolOf, ROOT, removeShares, setPool } from '../place.ts';
import { buyShares, sellShares, valueOfShares } from '../pool.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys } from '../state.ts';
import { liableFault } from '../unbonding/depart.ts';

export const setRootClaimMessage = defineMessage({
  id: 28,
  name: 'staking.setRootClaim',
  help: "Says of the sender's root stake at a hotkey whether its dividends are sold for CAIRN or kept in the subnets' tokens. Kept stake is set to swap before it is unstaked or moved.",
  shape: setRootClaimShape,
  work: () => 10,
  apply(context, message) {
    if (hotkeys.get(context.state, message.hotkey) === undefined) return hotkeyUnknown(message.hotkey);
    return message.kind === 'keep' ? keep(context, message) : swap(context, message);
  },
});

/** What neither buys a share there nor here is a gift to those who stake there: less than one share, or the least stake. */
function tooSmall(context: MessageContext, amount: Amount): Verdict {
  return problem(
    'STAKE_TOO_SMALL',
    `${formatAmount(amount)} CAIRN buy no whole share, or are below the least stake of ${formatAmount(context.parameters.minStake)}. Name more.`,
  );
}

function keep(context: MessageContext, { hotkey, amount }: SetRootClaim): Verdict {
  const { state, sender } = context;
  const place = { netuid: ROOT, coldkey: sender, hotkey };
  const sold = planSale(context, place, amount);
  if ('code' in sold) return sold;
  const liable = liableFault(context, place, sold.amount);
  if (liable !== null) return liable;
  const record = hotkeys.get(state, hotkey)!;
  const kept = { totalStake: record.keptStake, totalShares: record.keptShares };
  const bought = buyShares(kept, sold.amount);
  if (bought.shares === 0n || bought.amount < context.parameters.minStake)
    return tooSmall(context, sold.amount);
  const held = keptPositions.get(state, sender, hotkey);
  const deposit = held?.deposit ?? recordDeposit(context, KEPT_POSITION_BYTES);
  const refused = held === undefined ? holdDeposit(context, sender, deposit) : null;
  if (refused !== null) return refused;
  removeShares(context, place, sold);
  const rest = sold.amount - bought.amount;
  const back = buyShares(poolOf(state, ROOT, hotkey), rest);
  const isBack = back.shares > 0n && back.amount >= context.parameters.minStake;
  const unpaid = isBack ? addShares(context, place, back) : null;
  if (unpaid !== null) return unpaid;
  const moved = sold.amount - (isBack ? back.amount : 0n);
  hotkeys.set(state, hotkey, {
    ...hotkeys.get(state, hotkey)!,
    keptStake: kept.totalStake + moved,
    keptShares: kept.totalShares + bought.shares,
  });
  const reckoned = reckonClaims(held ?? { shares: 0n, claims: [], deposit }, keptRates.get(state, hotkey));
  keptPositions.set(state, sender, hotkey, { ...reckoned, shares: reckoned.shares + bought.shares });
  rootClaimSet(context, place, 'keep', moved);
  return null;
}

function swap(context: MessageContext, { hotkey, amount }: SetRootClaim): Verdict {
  const { state, sender, parameters } = context;
  const place = { netuid: ROOT, coldkey: sender, hotkey };
  const record = hotkeys.get(state, hotkey)!;
  const kept = { totalStake: record.keptStake, totalShares: record.keptShares };
  const held = keptPositions.get(state, sender, hotkey);
  const value = held === undefined ? 0n : valueOfShares(kept, held.shares);
  if (held === undefined || held.shares === 0n || (amount !== null && amount > value)) {
    return problem(
      'STAKE_TOO_LOW',
      `${accountIdToAddress(sender)} has ${formatAmount(value)} CAIRN at ${accountIdToAddress(hotkey)} that keeps tokens. Name at most that.`,
    );
  }
  if (amount === 0n) return problem('AMOUNT_ZERO', 'Name an amount above zero, or null for everything.');
  const sold = amount === null ? { shares: held.shares, amount: value } : sellShares(kept, amount);
  const bought = buyShares(record, sold.amount);
  const left = held.shares - sold.shares;
  if (value > 0n && (bought.shares === 0n || bought.amount < parameters.minStake))
    return tooSmall(context, sold.amount);
  hotkeys.set(state, hotkey, {
    ...record,
    keptStake: kept.totalStake - sold.amount,
    keptShares: kept.totalShares - sold.shares,
  });
  if (bought.shares > 0n) {
    const refused = addShares(context, place, bought);
    if (refused !== null) return refused;
    const pool = poolOf(state, ROOT, hotkey);
    const rest = sold.amount - bought.amount;
    setPool(state, ROOT, hotkey, { ...pool, totalStake: pool.totalStake + rest });
  }
  const reckoned = reckonClaims(held, keptRates.get(state, hotkey));
  if (left === 0n && reckoned.claims.every(({ owed }) => owed === 0n)) {
    keptPositions.delete(state, sender, hotkey);
    releaseDeposit(context, sender, held.deposit);
  } else keptPositions.set(state, sender, hotkey, { ...reckoned, shares: left });
  rootClaimSet(context, place, 'swap', sold.amount);
  return null;
}
