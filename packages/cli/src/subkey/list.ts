import type { Command } from 'commander';
import { askAllPages } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asBool,
  asHex,
  asList,
  asObject,
  asText,
  type Checked,
} from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import type { Connection } from '../connect.ts';
import { formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { renderTable } from '../terminal/table.ts';

const asSubKey = asObject({
  key: asAddress,
  limits: asObject({
    perCall: asAmount,
    perDay: asAmount,
    total: asAmount,
    expirySlot: asAmount,
    messages: asList(asText),
    payees: asList(asAddress),
    models: asList(asHex),
  }),
  spent: asAmount,
  day: asAmount,
  spentToday: asAmount,
  isVoid: asBool,
  isExpired: asBool,
});

/** Who may spend for an account, within what limits, and what they spent. */
export const fetchSubKeys = (connection: Connection, owner: string): Promise<Checked<typeof asSubKey>[]> =>
  askAllPages(connection, 'accounts_subKeys', { owner }, asSubKey, ({ key }) => key);

/** `cairn subkey list` */
export function createSubkeyListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists the keys that may spend for an account, their limits and what they spent.',
    examples: ['subkey list savings', 'subkey list cairn1… --json'],
    node: true,
  })
    .argument('<account>', 'a name from wallet list, or an address')
    .action(async (given: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { resolveAccount } = await import('../sender.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveAccount(cli, connection, given);
      const keys = await fetchSubKeys(connection, address);
      const output = outputOf(cli, flags);
      const right = { align: 'right' } as const;
      output.result({ account: address, keys }, () =>
        keys.length === 0
          ? [`No other key may spend for ${address}.`]
          : renderTable(
              [
                { header: 'KEY', cut: true },
                { header: 'A CALL CAIRN', ...right },
                { header: 'A DAY CAIRN', ...right },
                { header: 'IN ALL CAIRN', ...right },
                { header: 'SPENT CAIRN', ...right },
                { header: 'UNTIL SLOT', ...right },
                { header: 'MODELS', ...right },
                { header: 'STATE' },
              ],
              keys.map(({ key, limits, spent, isVoid, isExpired }) => [
                shorten(key),
                formatCairn(limits.perCall),
                formatCairn(limits.perDay),
                formatCairn(limits.total),
                formatCairn(spent),
                formatCount(limits.expirySlot),
                limits.models.length === 0 ? 'any' : `${limits.models.length}`,
                isVoid ? 'void' : isExpired ? 'expired' : 'may spend',
              ]),
              output.columns,
            ),
      );
    });
}
