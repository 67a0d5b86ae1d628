import type { BlockContext } from '../execution/context.ts';
import { earnedIn, type MechanismEpoch } from './combine-mechanisms.ts';
import type { EpochInput, EpochOutput } from './math/epoch-input.ts';
import { rowToBytes } from './row-bytes.ts';
import { bonds, mechanismResults } from './state.ts';

/** One mechanism of a subnet. */
interface MechanismOf {
  readonly netuid: number;
  readonly mechanism: number;
}

export function storeBonds(
  { state }: BlockContext,
  { netuid, mechanism }: MechanismOf,
  input: EpochInput,
  output: EpochOutput,
): void {
  for (const [uid, row] of output.bonds.entries()) {
    if (row !== null && row.uids.length > 0) bonds.set(state, netuid, uid, rowToBytes(row), mechanism);
    else if (input.bonds[uid] !== null) bonds.delete(state, netuid, uid, mechanism);
  }
}

/** Keeps what an epoch found of each neuron in each of several mechanisms; of a single one the neuron itself tells. */
export function storeResults(
  { state }: BlockContext,
  netuid: number,
  mechanisms: readonly MechanismEpoch[],
): void {
  if (mechanisms.length === 1) return;
  for (const [mechanism, each] of mechanisms.entries()) {
    const { consensus, incentive, dividends, validatorTrust } = each.output;
    for (const uid of consensus.keys()) {
      const result = {
        consensus: consensus[uid]!,
        incentive: incentive[uid]!,
        dividends: dividends[uid]!,
        trust: validatorTrust[uid]!,
        emission: earnedIn(each, uid),
      };
      mechanismResults.set(state, netuid, uid, result, mechanism);
    }
  }
}
