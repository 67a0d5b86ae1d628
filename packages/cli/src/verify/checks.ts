import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn verify checks` */
export function createVerifyChecksCommand(cli: Cli): Command {
  return defineCommand({
    name: 'checks',
    help: 'What the running node makes of the providers that it checks: how likely each cheats, what failed, and which it cannot judge and why.',
    examples: ['verify checks', 'verify checks --json'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { askNode } = await import('../answer/ask-node.ts');
    const { asAddress, asCount, asHex, asList, asNullable, asNumber, asObject, asText } = await import(
      '../answer/checks.ts'
    );
    const { connectNode } = await import('../connect.ts');
    const asStanding = asObject({
      provider: asAddress,
      model: asHex,
      artifact: asHex,
      engine: asNullable(asText),
      refused: asNullable(asText),
      suspicion: asNumber,
      checks: asCount,
      failed: asCount,
    });
    const asCases = asList(asObject({ provider: asAddress, receipt: asHex, accuser: asAddress }));
    const connection = await connectNode(cli, flags);
    const standings = await askNode(connection, 'node_checks', {}, asList(asStanding));
    const cases = await askNode(connection, 'verification_cases', {}, asCases);
    const output = outputOf(cli, flags);
    const right = { align: 'right' } as const;
    output.result({ providers: standings, cases }, () => [
      ...renderTable(
        [
          { header: 'PROVIDER' },
          { header: 'ARTIFACT' },
          { header: 'SUSPICION %', ...right },
          { header: 'CHECKS', ...right },
          { header: 'FAILED', ...right },
          { header: 'NOT JUDGED BECAUSE', cut: true },
        ],
        standings.map(({ provider, artifact, suspicion, checks, failed, refused }) => [
          provider,
          `${artifact.slice(0, 12)}…`,
          refused === null ? (suspicion * 100).toFixed(1) : '',
          String(checks),
          String(failed),
          printable(refused ?? ''),
        ]),
        output.columns,
      ),
      ...cases.map(({ provider, receipt }) => `Open case: ${provider}, receipt ${receipt.slice(0, 12)}….`),
    ]);
  });
}
