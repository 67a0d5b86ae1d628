import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { accounts } from '../../accounts/state.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved } from '../../subnets/state.ts';
import { opened } from '../events.ts';
import { openChannelShape } from '../messages/open.ts';
import { type Channel, channelIdOf, channels, channelsByParty } from '../state.ts';

/** Largest channel record with its two index entries, in bytes. */
export const CHANNEL_BYTES = 1_800;

export const openChannelMessage = defineMessage({
  id: 80,
  name: 'channels.open',
  help: 'Opens a one-way payment channel from the sender to a payee and puts money in.',
  shape: openChannelShape,
  work: () => 8,
  apply(context, { payee, netuid, deposit }) {
    if (isDissolved(context.state, netuid)) return subnetDissolved(netuid);
    if (deposit === 0n) return problem('AMOUNT_ZERO', 'A channel needs a deposit above zero.');
    if (areBytesEqual(payee, context.sender))
      return problem('PAYEE_IS_PAYER', 'A channel needs another account as payee.');
    if (accounts.get(context.state, payee) === undefined) {
      return problem(
        'ACCOUNT_UNKNOWN',
        `Payee ${accountIdToAddress(payee)} does not exist and could never claim.`,
      );
    }
    const bond = recordDeposit(context, CHANNEL_BYTES);
    const refused =
      holdDeposit(context, context.sender, bond) ?? debit(context, context.sender, deposit, 'channels.open');
    if (refused !== null) return refused;
    const id = channelIdOf(context.crypto, context.chainId, context.sender, context.nonce);
    const channel: Channel = {
      payer: context.sender,
      payee,
      netuid,
      deposited: deposit,
      claimed: 0n,
      totals: [],
      finalAt: 0n,
      openedHeight: BigInt(context.block.height),
      recordDeposit: bond,
    };
    const hex = bytesToHex(id);
    channels.set(context.state, hex, channel);
    channelsByParty.set(context.state, `${bytesToHex(channel.payer)}/${hex}`, { role: 0 });
    channelsByParty.set(context.state, `${bytesToHex(payee)}/${hex}`, { role: 1 });
    opened(context, id, channel);
    return null;
  },
});
