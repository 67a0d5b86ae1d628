import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { askNode } from '../answer/ask-node.ts';
import { asNullable } from '../answer/checks.ts';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CommandFailed } from '../command-failed.ts';
import { CliError } from '../errors.ts';
import { printable } from '../terminal/printable.ts';
import { asDataset } from './row.ts';

/** `cairn dataset proof` */
export function createDatasetProofCommand(cli: Cli): Command {
  return defineCommand({
    name: 'proof',
    help: 'Checks a proof that a seller signed for a chunk and delivered something else.',
    examples: ['dataset proof weather.parquet.bad-chunk-3.proof', 'dataset proof bad.proof --json'],
    node: true,
  })
    .argument('<file>', 'proof that dataset buy has left')
    .action(async (file: string, flags: CommonFlags) => {
      const { connectNode } = await import('../connect.ts');
      const { readBadChunk } = await import('@cairn/node');
      const connection = await connectNode(cli, flags);
      const proof = readBadChunk(await readFile(resolve(cli.folder, file)));
      const { dataset, index } = proof;
      const found = await askNode(connection, 'datasets_get', { dataset }, asNullable(asDataset));
      if (found === null) {
        throw new CliError(
          { code: 'NOT_FOUND', what: 'a data set' },
          `The proof is about data set ${dataset}, which the ledger does not list (any more).`,
        );
      }
      const convicts = proof.convicts(connection.ledger.chainId, found.owner);
      outputOf(cli, flags).result({ dataset, index, seller: found.owner, convicts }, () => [
        convicts
          ? `It convicts ${printable(found.owner)}: it signed for chunk ${index} of ${printable(found.card.name)} and delivered something else.`
          : `It convicts nobody: the seller of ${printable(found.card.name)} did not sign it, or the chunk is what was signed for.`,
      ]);
      if (!convicts) throw new CommandFailed();
    });
}
