import { hexToBytes } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand } from '../command.ts';
import { CliError, usage } from '../errors.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
}

/** `cairn channel close` */
export function createChannelCloseCommand(cli: Cli): Command {
  return defineCommand({
    name: 'close',
    help: 'Starts to close a channel; run again after the dispute window to get back what is left.',
    examples: ['channel close 3f2a… --wallet gateway'],
    node: true,
    spends: true,
  })
    .argument('<channel>', 'its id: 64 hexadecimal digits')
    .option('--wallet <wallet>', 'who signs: a name from wallet list', 'gateway')
    .action(async (id: string, flags: Flags) => {
      if (!/^[0-9a-f]{64}$/.test(id)) throw usage(`A channel is named by 64 hexadecimal digits, not ${id}.`);
      const { connectNode } = await import('../connect.ts');
      const { fetchChannel } = await import('./list.ts');
      const { spend } = await import('../spend.ts');
      const { exactCairn } = await import('../terminal/format.ts');
      const connection = await connectNode(cli, flags);
      const channel = await fetchChannel(connection, id);
      const isClosing = channel.finalAt !== '0';
      const left = BigInt(channel.finalAt) - BigInt(channel.live);
      if (isClosing && left > 0n) {
        throw new CliError(
          { code: 'CHANNEL_CLOSING', blocksLeft: Number(left) },
          `The channel is closing: ${left} blocks of its dispute window are left. Run this again after them.`,
        );
      }
      const unclaimed = exactCairn(BigInt(channel.deposited) - BigInt(channel.claimed));
      await spend(cli, flags, connection, flags.wallet, {
        message: isClosing ? 'channels.finalise' : 'channels.startClose',
        value: { channel: hexToBytes(id) },
        what: isClosing ? 'Finalise a channel' : 'Start to close a channel',
        amount: 0n,
        deposit: 0n,
        details: [
          ['channel', id],
          ['payee', channel.payee],
          [
            'unclaimed',
            isClosing
              ? `${unclaimed}: goes back to the payer`
              : `${unclaimed}: the payee may still claim what it is owed`,
          ],
        ],
      });
    });
}
