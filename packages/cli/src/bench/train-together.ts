import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, trainOnLoopback } from '@cairn/node';
import { TRAINING_FILE, type TrainTogether } from '@cairn/proving';
import type { Cli } from '../cli.ts';

/** Trains a recipe between peers of this machine, with the roles of nodes. */
export function createTrainTogether(cli: Cli): TrainTogether {
  const log = createLogger({ level: 'error', write: (line) => cli.terminal.err.write(`${line}\n`) });
  return async ({ recipe, text, trainers, threads }, onRound) => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-bench-'));
    try {
      await writeFile(join(folder, TRAINING_FILE), text);
      const { weights, rounds } = await trainOnLoopback({
        ...{ recipe, folder, trainers, threads, log, signal: cli.signal },
        onRound: ({ round }, total) => onRound(round, total),
      });
      const updates = rounds.flatMap((round) => round.updates);
      const accepted = rounds.reduce((sum, round) => sum + countBits(round.accepted), 0);
      return {
        weights,
        bytes: updates.reduce((sum, { update }) => sum + update.sizeBytes, 0),
        refused: { updates: updates.length - accepted, of: updates.length },
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

function countBits(bitmap: Uint8Array): number {
  let count = 0;
  for (const byte of bitmap) for (let bits = byte; bits > 0; bits >>= 1) count += bits & 1;
  return count;
}
