import { addressToAccountId, hexToBytes } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, usage } from '../errors.ts';
import { defineSending, type SendingFlags } from '../sending.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { SUBNET_REQUIRED } from '../words.ts';

/** `cairn channel open` */
export function createChannelOpenCommand(cli: Cli): Command {
  return defineSending<SendingFlags & { readonly subnet: string }>(cli, {
    name: 'open',
    help: 'Opens a one-way payment channel to a payee and puts money in. The gateway of a node does it by itself.',
    examples: ['channel open cairn1… 5 --subnet 1 --wallet savings --dry-run'],
    words: [
      ['<payee>', 'who is paid: a name from wallet list, or an address'],
      ['<cairn>', 'CAIRN to put in; what is not spent comes back'],
    ],
    required: [SUBNET_REQUIRED],
    async build({ cli, connection, payer, words: [given = '', text = ''], flags }) {
      const { parseAmount } = await import('@cairn/core');
      const { depositOfRecord, fetchParameters } = await import('@cairn/sdk');
      const { resolveAccount } = await import('../sender.ts');
      const deposit = parseAmount(text);
      const netuid = parseNetuid(flags.subnet);
      if (deposit === 0n) throw usage('A channel needs an amount above zero.');
      const { address } = await resolveAccount(cli, connection, given);
      const payee = addressToAccountId(address);
      if (address === payer.address) throw usage('A channel needs another account as payee.');
      const parameters = await fetchParameters(connection.ledger);
      return {
        message: 'channels.open',
        value: { payee, netuid, deposit },
        what: 'Open a payment channel',
        amount: deposit,
        deposit: depositOfRecord(parameters, 'channel'),
        details: [
          ['payee', address],
          ['subnet', `${netuid}`],
          ['back', `channel close returns what is left, ${parameters.channelDisputeBlocks} blocks later`],
        ],
        plan: { payee: address, netuid },
      };
    },
  });
}

/** `cairn channel top-up` */
export function createChannelTopUpCommand(cli: Cli): Command {
  return defineSending(cli, {
    name: 'top-up',
    help: 'Puts more money into an open channel.',
    examples: ['channel top-up 3f2a… 5 --wallet savings'],
    words: [
      ['<channel>', 'its id, from channel list'],
      ['<cairn>', 'CAIRN to put in; what is not spent comes back'],
    ],
    async build({ connection, payer, words: [id = '', text = ''] }) {
      const { parseAmount } = await import('@cairn/core');
      const { exactCairn } = await import('../terminal/format.ts');
      const { parseId } = await import('../tx/parse.ts');
      const { fetchChannel } = await import('./list.ts');
      parseId(id, 'A channel');
      const amount = parseAmount(text);
      if (amount === 0n) throw usage('A top-up needs an amount above zero.');
      const channel = await fetchChannel(connection, id);
      if (channel.payer !== payer.address)
        throw usage(`Only its payer ${channel.payer} can top this channel up.`);
      if (channel.finalAt !== '0') {
        throw new CliError(
          { code: 'CHANNEL_CLOSING', blocksLeft: Number(BigInt(channel.finalAt) - BigInt(channel.live)) },
          'The channel is closing. Open a new one with ./cairn channel open.',
        );
      }
      const deposited = BigInt(channel.deposited);
      return {
        message: 'channels.topUp',
        value: { channel: hexToBytes(id), amount },
        what: 'Put money into a channel',
        amount,
        details: [
          ['channel', id],
          ['payee', channel.payee],
          ['deposited', `from ${exactCairn(deposited)} to ${exactCairn(deposited + amount)}`],
        ],
        plan: { channel: id },
      };
    },
  });
}
