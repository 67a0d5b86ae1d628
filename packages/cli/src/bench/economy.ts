import { benchEconomy } from '@cairn/proving';
import type { Cli } from '../cli.ts';
import { createProgress } from '../terminal/progress.ts';
import { judge, type Measurement } from './measurement.ts';

/** Blocks of a network of 128 full subnets, the metagraph of one of them, swaps. */
export async function measureEconomy(cli: Cli): Promise<Measurement[]> {
  const progress = createProgress(cli.terminal.err, cli.nowMs, { what: 'economy', unit: 'blocks' });
  const figures = await benchEconomy({ onProgress: progress.update });
  progress.end();
  return figures.map(({ name, value, unit, runs, spread: [low, high], target = null }) =>
    judge({
      suite: 'economy',
      name,
      unit,
      value,
      low,
      high,
      runs,
      target,
      isFloor: unit.startsWith('swaps/'),
    }),
  );
}
