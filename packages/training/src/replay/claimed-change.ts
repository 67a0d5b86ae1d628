import { areBytesEqual } from '@cairn/core';
import type { RunPlan } from '../machine/run-plan.ts';
import type { Units } from '../update/change.ts';
import { encodeUpdate } from '../update/encode-update.ts';
import { BLOCK_VALUES, type Update } from '../update/format.ts';

/** An update and what it left unsent, as its trainer committed to both. */
export interface SentChange {
  readonly update: Update;
  /** Empty under a rule that keeps nothing. */
  readonly left: Units;
}

/**
 * What a trainer says its inner steps changed: what it sent, and what it left unsent, without what it had left from
 * before. Exact in whole numbers, since error feedback loses nothing; of a dense update what its eight bits say.
 *
 * @param before what the trainer's earlier update left unsent.
 */
export function claimedChange(
  { table, decay }: Pick<RunPlan, 'table' | 'decay'>,
  { update, left }: SentChange,
  before?: Units,
): Map<string, Int32Array> {
  const change = sentAndLeft(table, { update, left });
  for (const [name, values] of before ?? []) {
    const units = change.get(name)!;
    for (let at = 0; at < units.length; at += 1) units[at]! -= Math.floor(values[at]! * decay + 0.5);
  }
  return change;
}

/**
 * Whether an update is what the rule makes of the change that it and its residual add up to: whoever sends one thing
 * and calls the difference unsent is found here, to the bit. Dense updates leave nothing, so there is nothing to hide.
 */
export function isSentByRule(
  { table, codec }: Pick<RunPlan, 'table' | 'codec'>,
  bytes: Uint8Array,
  sent: SentChange,
): boolean {
  if (codec.kind === 'dense') return true;
  const { header } = sent.update;
  return areBytesEqual(encodeUpdate(header, codec, table, sentAndLeft(table, sent)).bytes, bytes);
}

function sentAndLeft(table: RunPlan['table'], { update, left }: SentChange): Map<string, Int32Array> {
  return new Map(
    table.map(({ name }, index) => {
      const tensor = update.tensors[index]!;
      if (tensor.kind === 'dense')
        return [
          name,
          Int32Array.from(
            tensor.values,
            (value, at) => value * tensor.scales[Math.floor(at / BLOCK_VALUES)]!,
          ),
        ];
      const units = left.get(name)!.slice();
      for (const [at, position] of tensor.positions.entries())
        units[position]! += tensor.book[tensor.codes[at]!]!;
      return [name, units];
    }),
  );
}
