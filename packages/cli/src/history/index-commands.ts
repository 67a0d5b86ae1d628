import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asBool, asCount, asIs, asNullable, asObject, asRecord, asText } from '../answer/checks.ts';
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

const asIndexStatus = asIs<IndexStatusView>((value, path) => {
  const { failure } = asRecord(value, path);
  asObject({ height: asNullable(asCount), chainHeight: asCount, isFollowing: asBool })(value, path);
  if (failure === null || typeof failure === 'string') return;
  asObject({ code: asText, message: asText })(failure, `${path}.failure`);
});

/** `cairn index status` */
export function createIndexStatusCommand(cli: Cli): Command {
  return defineCommand({
    name: 'status',
    help: 'Shows how far the index has come, where it is kept, and what stopped it.',
    examples: ['index status', 'index status --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const connection = await connectNode(cli, flags);
    const status = await askNode(
      connection,
      connection.isOwn ? 'node_indexStatus' : 'index_status',
      {},
      asIndexStatus,
    );
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
      const connection = await connectNode(cli, flags);
      const before = await askNode(connection, 'node_indexStatus', {}, asIndexStatus);
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
      const status = await askNode(connection, 'node_rebuildIndex', { height }, asIndexStatus);
      output.result({ height, before, status, done: true }, () => [
        'The index is being made again. ./cairn index status shows how far it is.',
      ]);
    });
}
