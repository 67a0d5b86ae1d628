import { provideCometbft } from '@cairn/node';
import { benchJoin } from '@cairn/proving';
import type { Cli } from '../cli.ts';
import { judge, type Measurement } from './measurement.ts';

/** A node that joins a network of 100,000 accounts by state sync. */
export async function measureJoin(cli: Cli, onStep: (what: string) => void): Promise<Measurement[]> {
  const program = await provideCometbft({ path: '', environment: cli.environment });
  const figures = await benchJoin({ program, onStep });
  return figures.map(({ name, value, unit, runs, spread: [low, high], target }) =>
    judge({ suite: 'join', name, unit, value, low, high, runs, target: target ?? null, isFloor: false }),
  );
}
