import { type AccountId, type Amount, bytesToHex } from '@cairn/core';
import { credit } from '../accounts/money.ts';
import type { MessageContext } from '../execution/context.ts';
import { soldArtifacts } from '../registry/state.ts';
import { payoutAccountOf } from '../staking/payout.ts';
import { royaltyPaid } from './events.ts';
import type { Channel } from './state.ts';

/** What a claim owes to one model. */
interface Due {
  readonly model: Uint8Array;
  readonly owner: AccountId;
  readonly amount: Amount;
}

/** Royalties of what a claim pays beyond what was paid before, by model. Each rounds down: the payee never loses. */
function dueRoyalties(context: MessageContext, before: Channel, after: Channel): Due[] {
  const due = new Map<string, Due>();
  const earlier = new Map(before.totals.map(({ artifact, amount }) => [bytesToHex(artifact), amount]));
  for (const { artifact, amount } of after.totals) {
    const key = bytesToHex(artifact);
    const more = amount - (earlier.get(key) ?? 0n);
    if (more === 0n) continue;
    const sold = soldArtifacts.get(context.state, key);
    if (sold === undefined || (sold.endSlot !== 0n && sold.endSlot <= context.slot)) continue;
    for (const { model, owner, bps } of sold.royalties) {
      const share = (more * BigInt(bps)) / 10_000n;
      if (share === 0n) continue;
      const so = due.get(bytesToHex(model))?.amount ?? 0n;
      due.set(bytesToHex(model), { model, owner, amount: so + share });
    }
  }
  return [...due.values()];
}

/**
 * Pays the owners of the models that a claim pays for, and of those they were made from. What an owner cannot be
 * paid, because its account is closed and the amount below the deposit of another, stays with the payee.
 *
 * @returns the sum of what was paid, in pebbles: at most half of the claim.
 */
export function payRoyalties(
  context: MessageContext,
  id: Uint8Array,
  before: Channel,
  after: Channel,
): Amount {
  let paid: Amount = 0n;
  for (const { model, owner, amount } of dueRoyalties(context, before, after)) {
    const payee = payoutAccountOf(context.state, owner);
    if (credit(context, payee, amount, 'channels.royalty') !== null) continue;
    paid += amount;
    royaltyPaid(context, id, { model, owner, payee, amount });
  }
  return paid;
}
