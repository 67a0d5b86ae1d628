import { accountIdToAddress, bytesToHex } from '@cairn/core';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { formatCairn, formatCount, shorten } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** `cairn train list` */
export function createTrainListCommand(cli: Cli): Command {
  return defineCommand({
    name: 'list',
    help: 'Lists training runs: what they do now, how far they are and what a round pays.',
    examples: ['train list'],
    node: true,
  }).action(async (flags: CommonFlags) => {
    const { connectNode } = await import('../connect.ts');
    const { describePhase, fetchAllRuns } = await import('./runs.ts');
    const runs = await fetchAllRuns(await connectNode(cli, flags));
    const output = outputOf(cli, flags);
    const listed = runs.map((run) => ({
      run: bytesToHex(run.id),
      name: run.name,
      netuid: run.netuid,
      owner: accountIdToAddress(run.owner),
      engine: run.terms.engine,
      phase: run.phase,
      reason: run.reason,
      round: run.round,
      rounds: run.terms.rounds,
      rewardPerRound: run.terms.rewardPerRound,
      pool: run.pool,
      state: describePhase(run),
    }));
    output.result({ runs: listed.map(({ state: _, ...run }) => run) }, () =>
      listed.length === 0
        ? ['No training runs yet. The owner of a subnet creates one.']
        : renderTable(
            [
              { header: 'RUN' },
              { header: 'NAME', cut: true },
              { header: 'SUBNET', align: 'right' },
              { header: 'ENGINE' },
              { header: 'ROUND', align: 'right' },
              { header: 'PAYS CAIRN', align: 'right' },
              { header: 'POOL CAIRN', align: 'right' },
              { header: 'STATE', cut: true },
            ],
            listed.map(({ run, name, netuid, engine, round, rounds, rewardPerRound, pool, state }) => [
              shorten(run),
              printable(name),
              String(netuid),
              engine,
              rounds === 0 ? formatCount(round) : `${formatCount(round)} of ${formatCount(rounds)}`,
              formatCairn(rewardPerRound),
              formatCairn(pool),
              state,
            ]),
            output.columns,
          ),
    );
  });
}
