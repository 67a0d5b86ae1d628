import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatBps } from '../percent.ts';
import { parseNetuid } from '../subnet/netuid.ts';
import { exactCairn, exactTokens } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { HOTKEY_WORD } from '../words.ts';

/** `cairn hotkey show` */
export function createHotkeyShowCommand(cli: Cli): Command {
  return defineCommand({
    name: 'show',
    help: 'Shows who owns a hotkey, its take and stake; with --subnet, what it lends and borrows there.',
    examples: ['hotkey show validator-1', 'hotkey show cairn1… --subnet 1 --json'],
    node: true,
  })
    .argument(...HOTKEY_WORD)
    .option('--subnet <netuid>', 'what it lends and borrows on this subnet')
    .action(async (given: string, flags: CommonFlags & { readonly subnet?: string }) => {
      const netuid = flags.subnet === undefined ? null : parseNetuid(flags.subnet);
      const { connectNode } = await import('../connect.ts');
      const { fetchHotkey, fetchLending } = await import('../answer/staking.ts');
      const { describeLent } = await import('./children.ts');
      const { resolveHotkey } = await import('./named-hotkey.ts');
      const connection = await connectNode(cli, flags);
      const { address } = await resolveHotkey(cli, connection, given);
      const [hotkey, lending] = await Promise.all([
        fetchHotkey(connection, address),
        netuid === null ? null : fetchLending(connection, netuid, address),
      ]);
      const value = lending === null ? {} : { netuid, lending };
      outputOf(cli, flags).result({ hotkey: address, ...hotkey, ...value }, () =>
        renderFields([
          ['hotkey', address],
          ['owner', hotkey.owner],
          ['take', `${formatBps(hotkey.takeBps)} of its stakers' dividends`],
          ['stake', `${exactCairn(hotkey.totalStake)} whose dividends are sold`],
          ['', `${exactCairn(hotkey.keptStake)} whose dividends are kept in tokens`],
          ['tokens', `of ${hotkey.tokenPools} subnets are staked to it`],
          ['neurons', `${hotkey.neurons}`],
          ['deposit', exactCairn(hotkey.deposit)],
          ...(lending === null
            ? []
            : ([
                [
                  `on subnet ${netuid}`,
                  `speaks for ${exactTokens(lending.tokens)} and ${exactCairn(lending.root)}`,
                ],
                ['  lends', describeLent(lending.children)],
                ...(lending.next === null
                  ? []
                  : [
                      [
                        '  from slot',
                        `${lending.next.fromSlot}: ${describeLent(lending.next.children)}`,
                      ] as const,
                    ]),
                ['  child take', formatBps(lending.takeBps)],
                ...lending.parents.map(
                  ({ hotkey: parent, tokens, root }) =>
                    ['  borrows', `${exactTokens(tokens)} and ${exactCairn(root)} of ${parent}`] as const,
                ),
              ] as const)),
        ]),
      );
    });
}
