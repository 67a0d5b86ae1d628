import { provideCometbft } from '@cairn/node';
import { benchChain, type ChainBenchResult } from '@cairn/proving';
import type { Cli } from '../cli.ts';
import { type CommonFlags, outputOf } from '../command.ts';
import { loadConfig } from '../settings.ts';
import { printable } from '../terminal/printable.ts';
import { judge, type Measurement } from './measurement.ts';

const RATIO_FLOOR = 0.6;
const P99_RATIO_CEILING = 1.5;
const BLOCK_CEILING_MS = 2_000;

/** Transfers of several validators under CometBFT beside CometBFT's own kvstore, and how long they take. */
export async function measureChain(
  cli: Cli,
  flags: CommonFlags,
  validators: number,
): Promise<{ measurements: Measurement[]; details: ChainBenchResult }> {
  const output = outputOf(cli, flags);
  const { settings } = await loadConfig(cli, {});
  const program = await provideCometbft({
    path: settings.cometbft,
    environment: cli.environment,
    onBuild: (folder) => output.note(`building CometBFT into ${printable(folder)}; this takes minutes, once`),
  });
  const details = await benchChain({ program, validators, onProgress: output.note });
  return { measurements: measurementsOf(details), details };
}

function measurementsOf(result: ChainBenchResult): Measurement[] {
  const { validators, kinds, loadAverage } = result;
  const figure = (name: string, unit: string, value: number, target: number | null, isFloor = false) =>
    judge({
      suite: 'chain',
      name,
      unit,
      ...{ value, low: value, high: value, runs: 1, target, isFloor },
    });
  const of = `${validators} validators`;
  return [
    ...kinds.map(({ kind, maxPerSecond }) =>
      figure(`${kind}, ${of}: most committed`, 'tx/s', maxPerSecond, null),
    ),
    figure('cairn to kvstore', 'ratio', result.ratioToKvstore, RATIO_FLOOR, true),
    figure('cairn to kvstore with signatures', 'ratio', result.ratioToKvstoreVerifying, null),
    ...kinds.flatMap(({ kind, atHalf: { offeredPerSecond, latencyMs, blockMs, cpuMsPerTransaction } }) => {
      const at = `${kind} at ${Math.round(offeredPerSecond)} tx/s`;
      return [
        figure(`${at}: latency p50`, 'ms', latencyMs.p50, null),
        figure(`${at}: latency p99`, 'ms', latencyMs.p99, null),
        figure(`${at}: block interval`, 'ms', blockMs.mean, kind === 'cairn' ? BLOCK_CEILING_MS : null),
        ...(cpuMsPerTransaction === null
          ? []
          : [
              figure(`${at}: processor time, application`, 'ms/tx', cpuMsPerTransaction.application, null),
              figure(`${at}: processor time, CometBFT`, 'ms/tx', cpuMsPerTransaction.consensus, null),
            ]),
      ];
    }),
    figure('latency p99, cairn to kvstore', 'ratio', result.p99RatioToKvstore, P99_RATIO_CEILING),
    figure('load average before', 'processes', loadAverage.before[0]!, null),
    figure('load average after', 'processes', loadAverage.after[0]!, null),
  ];
}
