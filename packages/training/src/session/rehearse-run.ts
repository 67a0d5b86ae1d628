import { bytesToHex } from '@cairn/core';
import type { RunView } from '@cairn/protocol';
import type { RunDesk } from './run-desk.ts';

/**
 * Tries the engine of a desk on a round of a tolerant run, against an engine of another class, before a bond is put up.
 * Takes a round of steps on each.
 *
 * @returns why it would be convicted in this run; null: it keeps to half of the bounds, or the run states none
 */
export async function rehearseRun(
  desk: Pick<RunDesk, 'bring' | 'compute' | 'manifest'>,
  run: RunView,
): Promise<string | null> {
  const { tolerance } = desk.manifest;
  if (tolerance === undefined) return null;
  await desk.bring(run, run.root, []);
  const { comparison, isWithin } = await desk.compute.rehearse(bytesToHex(run.root));
  if (isWithin) return null;
  if (comparison.kind !== 'apart') return `it makes no update of this run: ${comparison.reason}`;
  const { relative, angle, misplaced } = comparison.distance;
  const told = (value: number) => Number(value.toPrecision(2));
  return (
    `in length, angle and places its change is ${told(relative)}, ${told(angle)} and ${told(misplaced)} from ` +
    `another engine's, and a trainer may use half of what the run allows (${tolerance.relative}, ` +
    `${tolerance.angle} and ${tolerance.misplaced})`
  );
}
