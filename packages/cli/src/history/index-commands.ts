import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCount } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { parseCount } from './page-options.ts';

interface IndexStatusView {
  readonly database?: string | null;
  readonly place?: string | null;
  readonly chainId: string;
  readonly height: number | null;
  readonly chainHeight: number;
  readonly isFollowing: boolean;
  /** Of another's node only the code. */
  readonly failure: string | { readonly code: string; readonly message: string } | null;
}

/** `cairn index status` */
export function createIndexStatusCommand(cli: Cli): Command {
  return defineCommand({
    name: 'status',
    help: 'Shows how far the index has come, where it is kept, and what stopped it.',
    examples: ['index status', 'index status --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { ledger, isOwn } = await connectNode(cli, flags);
    const status = await ledger.call<IndexStatusView>(isOwn ? 'node_indexStatus' : 'index_status', {});
    outputOf(cli, flags).result(status, () => renderStatus(status));
  });
}

function renderStatus({ database, place, height, chainHeight, isFollowing, failure }: IndexStatusView) {
  const reason = typeof failure === 'string' ? failure : failure?.message;
  return renderFields([
    ...(database === undefined ? [] : [['database', database ?? 'not open'] as const]),
    ...(typeof place === 'string' ? [['place', printable(place)] as const] : []),
    ['indexed', `block ${formatCount(height ?? 0)} of ${formatCount(chainHeight)}`],
    ['state', isFollowing ? 'follows the chain' : 'stopped'],
    ...(reason === undefined ? [] : [['problem', printable(reason)] as const]),
  ]);
}

interface RebuildFlags extends CommonFlags {
  readonly height: string;
}

/** `cairn index rebuild` */
export function createIndexRebuildCommand(cli: Cli): Command {
  return defineCommand({
    name: 'rebuild',
    help: 'Forgets the index, or what is above a height, and makes it again from the chain.',
    examples: ['index rebuild', 'index rebuild --height 1200 --yes'],
    node: true,
    spends: true,
  })
    .option('--height <height>', 'keep everything up to this block', '0')
    .action(async (flags: RebuildFlags) => {
      const height = parseCount('--height', flags.height);
      const { connectNode } = await import('../connect.ts');
      const { confirm } = await import('../confirm.ts');
      const { ledger } = await connectNode(cli, flags);
      const before = await ledger.call<IndexStatusView>('node_indexStatus', {});
      const output = outputOf(cli, flags);
      const lines = [
        height === 0
          ? 'Delete the whole index and make it again.'
          : `Delete the index above block ${formatCount(height)} and make that part again.`,
        ...renderFields([
          ['  place', printable(before.place ?? 'not open')],
          ['  blocks', `${formatCount(Math.max(0, before.chainHeight - height))} to index`],
        ]),
      ];
      if (flags.dryRun === true) {
        output.result({ height, before, done: false }, () => [...lines, 'Not done: this was a dry run.']);
        return;
      }
      await confirm(cli, flags, lines);
      const status = await ledger.call<IndexStatusView>('node_rebuildIndex', { height });
      output.result({ height, before, status, done: true }, () => [
        'The index is being made again. ./cairn index status shows how far it is.',
      ]);
    });
}
