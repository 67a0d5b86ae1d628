import { bytesToHex, encode } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import type { ModelCard } from '../card.ts';
import {
  inheritRoyalties,
  MAX_ROYALTIES,
  MAX_ROYALTY_BPS,
  type Royalty,
  royaltiesShape,
  soldArtifactOf,
  sumOfRoyalties,
} from '../royalties.ts';
import { models, SOLD_EXTRA_BYTES, soldArtifacts } from '../state.ts';

/** Royalties of a card whose parents are registered, or why it may not ask for them. */
export function resolveRoyalties(
  context: MessageContext,
  id: Uint8Array,
  card: ModelCard,
): { readonly royalties: Royalty[] } | { readonly refused: Verdict } {
  const inherited = card.parents.map((parent) => models.get(context.state, bytesToHex(parent))!.royalties);
  const own = card.royaltyBps === 0 ? null : { model: id, owner: card.owner, bps: card.royaltyBps };
  const royalties = inheritRoyalties(own, inherited);
  if (royalties.length > MAX_ROYALTIES) {
    return {
      refused: problem(
        'ROYALTIES_FULL',
        `Answers of this model would pay ${royalties.length} models, at most ${MAX_ROYALTIES} are paid. Ask for none, or name fewer parents.`,
      ),
    };
  }
  const sum = sumOfRoyalties(royalties);
  if (sum > MAX_ROYALTY_BPS) {
    const left = Math.max(0, MAX_ROYALTY_BPS - (sum - card.royaltyBps));
    return {
      refused: problem(
        'ROYALTIES_TOO_HIGH',
        `Royalties of this model and those it was made from are ${sum} hundredths of a percent, at most ${MAX_ROYALTY_BPS} are paid. Its own can be ${left}.`,
      ),
    };
  }
  return { royalties };
}

/** Writes down what each artifact of a model pays. One that is still there from before stays as it was. */
export function keepRoyalties(
  context: MessageContext,
  model: Uint8Array,
  { artifacts, owner }: ModelCard,
  royalties: Royalty[],
): Verdict {
  if (royalties.length === 0) return null;
  for (const { sha256: artifact } of artifacts) {
    const key = bytesToHex(soldArtifactOf(context.crypto, { model, artifact }));
    const earlier = soldArtifacts.get(context.state, key);
    if (earlier !== undefined) {
      soldArtifacts.set(context.state, key, { ...earlier, endSlot: 0n });
      continue;
    }
    const deposit = recordDeposit(context, encode(royaltiesShape, royalties).length + SOLD_EXTRA_BYTES);
    const refused = holdDeposit(context, owner, deposit);
    if (refused !== null) return refused;
    soldArtifacts.set(context.state, key, { owner, royalties, endSlot: 0n, recordDeposit: deposit });
  }
  return null;
}

/** Begins the time in which claims still pay the royalties of a model that is retired. */
export function endRoyalties(context: MessageContext, model: Uint8Array, { artifacts }: ModelCard): void {
  const endSlot = context.slot + context.parameters.royaltyTailSlots;
  for (const { sha256: artifact } of artifacts) {
    const key = bytesToHex(soldArtifactOf(context.crypto, { model, artifact }));
    const sold = soldArtifacts.get(context.state, key);
    if (sold !== undefined) soldArtifacts.set(context.state, key, { ...sold, endSlot });
  }
}
