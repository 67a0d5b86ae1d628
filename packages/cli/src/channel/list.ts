import type { Command } from 'commander';
import { askAllPages, askNode } from '../answer/ask-node.ts';
import { asNullable } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { asChannelView, type ChannelView } from '../node-views.ts';
import { formatCairn, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

interface Flags extends CommonFlags {
  readonly wallet: string;
}

/** `cairn channel list` */
export function createChannelListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the payment channels of an account.',
    examples: ['channel list', 'channel list --wallet miner-1'],
    node: true,
  })
    .option('--wallet <wallet>', 'a name from wallet list, or an address', 'gateway')
    .action(async (flags: Flags) => {
      const { connectNode } = await import('../connect.ts');
      const { findRoles } = await import('../node-views.ts');
      const { resolveAccount } = await import('../sender.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, flags.wallet);
      const [listed, roles] = await Promise.all([
        askAllPages(connection, 'channels_list', { party: address }, asChannelView, ({ id }) => id),
        findRoles(connection),
      ]);
      const names = new Map(roles.map((role) => [role.address, role.name]));
      const channels = listed.map((channel) => {
        const isPayer = channel.payer === address;
        const peer = isPayer ? channel.payee : channel.payer;
        return { ...channel, role: isPayer ? 'payer' : 'payee', peerName: names.get(peer) ?? null };
      });
      const output = outputOf(cli, flags);
      output.result({ account: address, channels }, () =>
        channels.length === 0
          ? ['No channels. The gateway opens one with a provider when it first pays it.']
          : renderTable(
              [
                { header: 'CHANNEL', cut: true },
                { header: 'ROLE' },
                { header: 'WITH', cut: true },
                { header: 'SUBNET', align: 'right' },
                { header: 'DEPOSITED CAIRN', align: 'right' },
                { header: 'CLAIMED CAIRN', align: 'right' },
                { header: 'STATE' },
              ],
              channels.map((channel) => [
                printable(channel.id),
                channel.role,
                printable(
                  channel.peerName ?? shorten(channel.role === 'payer' ? channel.payee : channel.payer),
                ),
                String(channel.netuid),
                formatCairn(BigInt(channel.deposited), 6),
                formatCairn(BigInt(channel.claimed), 6),
                stateOf(channel),
              ]),
              output.columns,
            ),
      );
    });
}

/** @throws CliError `NOT_FOUND` */
export async function fetchChannel(connection: Connection, id: string): Promise<ChannelView> {
  const channel = await askNode(connection, 'channels_get', { channel: id }, asNullable(asChannelView));
  if (channel !== null) return channel;
  throw new CliError(
    { code: 'NOT_FOUND', what: `channel ${id}` },
    `There is no channel ${id}. See ./cairn channel list.`,
  );
}

function stateOf({ finalAt, live }: ChannelView): string {
  if (finalAt === '0') return 'open';
  const left = BigInt(finalAt) - BigInt(live);
  return left > 0n ? `closing, ${left} blocks left` : 'ready to finalise';
}
