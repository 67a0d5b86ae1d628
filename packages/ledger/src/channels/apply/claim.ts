import { type Amount, areBytesEqual, bytesToHex, formatAmount, mulDivUp } from '@cairn/core';
import { credit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem, type Verdict } from '../../execution/message.ts';
import { recordFlow } from '../../flows/record.ts';
import { countBurn } from '../../pools/count-burn.ts';
import { MAX_ROYALTIES } from '../../registry/royalties.ts';
import { payoutAccountOf } from '../../staking/payout.ts';
import { claimed } from '../events.ts';
import { finaliseChannel } from '../finalise.ts';
import { type ClaimChannel, claimChannelShape } from '../messages/claim.ts';
import { channelUnknown } from '../problems.ts';
import { payRoyalties } from '../royalties.ts';
import { type Channel, channelKeys, channels } from '../state.ts';
import { areTotalsSound, isVoucherSignedBy, type Voucher } from '../voucher.ts';

export const claimChannelMessage = defineMessage({
  id: 82,
  name: 'channels.claim',
  help: 'Pays the payee what a voucher promises beyond what was paid before; a share is burned, and royalties go to the owners of the models that answered.',
  shape: claimChannelShape,
  // For each artifact its record, and of each royalty the owner's account and hotkey.
  work: ({ voucher }) => 50 + voucher.totals.length * (1 + 2 * MAX_ROYALTIES),
  apply(context, claim) {
    const id = claim.voucher.channel;
    const channel = channels.get(context.state, bytesToHex(id));
    if (channel === undefined) return channelUnknown(id);
    const unfit = checkClaim(context, channel, claim);
    if (unfit !== null) return unfit;
    const paid: Channel = { ...channel, claimed: claim.voucher.cumulative, totals: claim.voucher.totals };
    const refused = pay(context, id, channel, paid);
    if (refused !== null) return refused;
    if (claim.close) return finaliseChannel(context, id, paid);
    channels.set(context.state, bytesToHex(id), paid);
    return null;
  },
});

function checkClaim(
  context: MessageContext,
  channel: Channel,
  { voucher, authorization }: ClaimChannel,
): TransactionProblem | null {
  const hex = bytesToHex(voucher.channel);
  if (!areBytesEqual(channel.payee, context.sender))
    return problem('NOT_PAYEE', `Only the payee can claim from channel ${hex}.`);
  if (voucher.cumulative <= channel.claimed) {
    return problem(
      'VOUCHER_REPLAYED',
      `Channel ${hex} already paid ${formatAmount(channel.claimed)}; this voucher promises ${formatAmount(voucher.cumulative)}.`,
    );
  }
  if (voucher.cumulative > channel.deposited) {
    return problem(
      'VOUCHER_OVERDRAWN',
      `This voucher promises ${formatAmount(voucher.cumulative)}, channel ${hex} holds ${formatAmount(channel.deposited)}. Claim an earlier one.`,
    );
  }
  if (!areTotalsSound(voucher) || !doTotalsGrow(channel, voucher)) {
    return problem(
      'VOUCHER_TOTALS_WRONG',
      `The totals of this voucher on channel ${hex} do not add up or fall below earlier ones.`,
    );
  }
  if (
    !isVoucherSignedBy(
      context.crypto,
      context.chainId,
      voucher,
      authorization,
      channelKeys(context.state, channel),
    )
  ) {
    return problem('VOUCHER_FORGED', `The payer of channel ${hex} did not sign this voucher for this chain.`);
  }
  return null;
}

/** No artifact may end with less than it was paid before. Both lists are short. */
function doTotalsGrow({ totals }: Channel, voucher: Voucher): boolean {
  return totals.every(({ artifact, amount }) =>
    voucher.totals.some((next) => areBytesEqual(next.artifact, artifact) && next.amount >= amount),
  );
}

function pay(context: MessageContext, id: Uint8Array, before: Channel, channel: Channel): Verdict {
  const gross: Amount = channel.claimed - before.claimed;
  const burned = mulDivUp(gross, context.parameters.channelBurnBps, 10_000n);
  const payee = payoutAccountOf(context.state, channel.payee);
  const royalties = payRoyalties(context, id, before, channel);
  const refused = credit(context, payee, gross - burned - royalties, 'channels.claim');
  if (refused !== null) return refused;
  recordFlow(context.state, 'channels.claimBurn', burned);
  countBurn(context.state, channel.netuid, burned);
  claimed(context, id, channel, gross, burned, royalties);
  return null;
}
