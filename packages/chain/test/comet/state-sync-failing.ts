import type { Logger } from '@cairn/core';
import { expect } from 'vitest';
import type { CometChain } from '../../src/index.ts';
import { aLogger } from '../parts.ts';
import { until } from './processes.ts';
import type { StateSyncTown } from './state-sync-town.ts';

interface Line {
  readonly message: string;
  readonly data: unknown;
}

/** A logger of a node and all its parts, and what they said. */
export function aListener(onInfo: (message: string) => void = () => undefined) {
  const warned: Line[] = [];
  const logger: Logger = {
    ...aLogger(),
    warn: (message, data) => void warned.push({ message, data }),
    info: onInfo,
    child: () => logger,
  };
  return { logger, warned };
}

/** The second node alone has a snapshot. */
export async function southAlone(town: StateSyncTown): Promise<number> {
  const [north, south] = town.nodes as readonly [CometChain, CometChain];
  await until('there are blocks', () => south.application.info().height >= 2);
  const { height } = await south.takeSnapshot();
  await until('it can be proved', () => north.application.info().height > height + 3);
  return height;
}

export async function expectCaughtUp(joiner: CometChain, [one]: readonly CometChain[]): Promise<void> {
  const target = one!.application.info().height - 1;
  await until('it has caught up', () => joiner.application.info().height >= target, 60);
  for (const height of [1, target])
    expect(await joiner.ledger.block(height), `block ${height}`).toEqual(await one!.ledger.block(height));
}

export const PATIENCE_MS = 6_000;
