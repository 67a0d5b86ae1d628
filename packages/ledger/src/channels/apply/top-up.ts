import { areBytesEqual, bytesToHex, formatAmount, SUPPLY_CAP } from '@cairn/core';
import { debit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { toppedUp } from '../events.ts';
import { topUpChannelShape } from '../messages/top-up.ts';
import { channelUnknown } from '../problems.ts';
import { channels } from '../state.ts';

export const topUpChannelMessage = defineMessage({
  id: 81,
  name: 'channels.topUp',
  help: 'Puts more money into an open channel of the sender.',
  shape: topUpChannelShape,
  work: () => 4,
  apply(context, { channel: id, amount }) {
    const hex = bytesToHex(id);
    const channel = channels.get(context.state, hex);
    if (channel === undefined) return channelUnknown(id);
    if (!areBytesEqual(channel.payer, context.sender))
      return problem('NOT_PAYER', `Only the payer can top up channel ${hex}.`);
    if (channel.finalAt !== 0n)
      return problem('CHANNEL_CLOSING', `Channel ${hex} is closing. Open a new one.`);
    if (amount === 0n) return problem('AMOUNT_ZERO', 'A top-up needs an amount above zero.');
    if (channel.deposited + amount > SUPPLY_CAP) {
      return problem(
        'CHANNEL_FULL',
        `Channel ${hex} took in ${formatAmount(channel.deposited)}, with this it would pass the ${formatAmount(SUPPLY_CAP)} one channel can. Open a new one.`,
      );
    }
    const refused = debit(context, context.sender, amount, 'channels.topUp');
    if (refused !== null) return refused;
    channels.set(context.state, hex, { ...channel, deposited: channel.deposited + amount });
    toppedUp(context, id, channel, amount);
    return null;
  },
});
