import { type Amount, mulDiv } from '@cairn/core';
import { payOwner, recycleUnearned } from '../emission/pay.ts';
import { rootProportionOf } from '../emission/root-proportion.ts';
import { takePending } from '../emission/state.ts';
import type { BlockContext } from '../execution/context.ts';
import { supplyCell } from '../flows/supply.ts';
import { markets } from '../pools/state.ts';
import type { Hyperparameters } from '../subnets/hyperparameters.ts';
import { type Neuron, readNeurons, subnets } from '../subnets/state.ts';
import { readEarliestCommits } from './earliest-commit.ts';
import { epochRan } from './events.ts';
import type { EpochInput, EpochOutput, EpochParameters, SparseRow } from './math/epoch-input.ts';
import { runEpoch } from './math/run-epoch.ts';
import { readMemberStakes, stakeThatCounts } from './member-stakes.ts';
import { findMissedWork } from './missed-work.ts';
import { payMembers } from './pay-epoch.ts';
import { bytesToRow, rowToBytes } from './row-bytes.ts';
import { nextSeed } from './seed.ts';
import { bonds, epochs, reschedule, type ScheduledEpoch, salts, weights } from './state.ts';
import { findWithheldEvidence } from './withheld-evidence.ts';

/**
 * One epoch of one subnet: pays the tokens that wait by the weights in force, stores the results, fixes the
 * seed of the next epoch. What nobody earned is recycled.
 *
 * Cost: about four records read and two written for each neuron, two more read for each permit holder, and the
 * epoch's own.
 */
export function runSubnetEpoch(context: BlockContext, { netuid, lastEpochSlot }: ScheduledEpoch): void {
  const { state } = context;
  const subnet = subnets.get(state, netuid)!;
  const { epoch, seed } = epochs.get(state, netuid)!;
  const members = readNeurons(state, netuid, subnet.neuronCount);
  const memberSalts = members.map((_, uid) => salts.get(state, netuid, uid));
  const emission = takePending(state, netuid);
  const ownerCut = mulDiv(emission, context.parameters.ownerCutBps, 10_000n);
  payOwner(context, netuid, subnet.owner, ownerCut);
  let paid = ownerCut;
  if (members.length > 0) {
    const memberStakes = readMemberStakes(state, netuid, members, context.slot);
    const input = readInput(context, {
      netuid,
      lastEpochSlot,
      members,
      stakes: memberStakes.map((stake) => stakeThatCounts(context.parameters, stake)),
      emission: emission - ownerCut,
      hyperparameters: subnet.hyperparameters,
    });
    const output = runEpoch(input);
    const withheld = findWithheldEvidence(context, { netuid, epoch, members, stakes: input.stakes });
    const { hyperparameters } = subnet;
    const missed = findMissedWork(context, { netuid, epoch, members, memberSalts, hyperparameters });
    const market = markets.get(state, netuid)!;
    const pay = payMembers(context, {
      netuid,
      epoch,
      owner: subnet.owner,
      members,
      memberStakes,
      missed,
      withheld,
      rootPart: rootProportionOf(context.parameters, supplyCell.get(state), market),
      output,
    });
    paid += pay.paid;
    markets.set(state, netuid, {
      ...markets.get(state, netuid)!,
      minerBurned: pay.minerBurned,
      burnCaused: 0n,
    });
    storeBonds(context, netuid, input, output);
  }
  recycleUnearned(context, netuid, emission - paid);
  const mixed = memberSalts.flatMap((salt) => (salt?.mixedEpoch === epoch ? [salt.mixed] : []));
  const next = nextSeed(context.crypto, seed, mixed, context.slot);
  epochs.set(state, netuid, { epoch: epoch + 1, seed: next, previousSeed: seed, mixedSalts: mixed.length });
  reschedule(state, netuid, { lastEpochSlot: context.slot });
  epochRan(context, { netuid, epoch, seed, nextSeed: next, salts: mixed.length, emission, paid });
}

function epochParameters(rules: Hyperparameters): EpochParameters {
  return {
    yumaVersion: rules.yumaVersion === 2 ? 2 : 3,
    kappaU16: rules.kappa,
    bondsPenaltyU16: rules.bondsPenalty,
    bondsMovingAveragePpm: rules.bondsMovingAverage,
    liquidAlpha:
      rules.liquidAlpha === 0
        ? null
        : { lowU16: rules.alphaLow, highU16: rules.alphaHigh, steepnessCenti: rules.alphaSteepness },
    maxValidators: rules.maxValidators,
    activityCutoffSlots: rules.activityCutoffSlots,
    stakeThreshold: 0n,
    stakeCapBps: rules.stakeCapBps,
    trustedDividendsBps: rules.trustedDividendsBps,
  };
}

interface Members {
  readonly netuid: number;
  readonly lastEpochSlot: bigint;
  readonly members: readonly Neuron[];
  readonly stakes: readonly Amount[];
  readonly emission: Amount;
  readonly hyperparameters: Hyperparameters;
}

function readInput(
  { state, slot }: BlockContext,
  { netuid, lastEpochSlot, members, stakes, emission, hyperparameters }: Members,
): EpochInput {
  const rowOf = (bytes: Uint8Array | undefined): SparseRow | null =>
    bytes === undefined ? null : bytesToRow(bytes);
  return {
    parameters: epochParameters(hyperparameters),
    slot: Number(slot),
    lastEpochSlot: Number(lastEpochSlot),
    ownerUid: null,
    stakes,
    permits: Uint8Array.from(members, ({ permit }) => (permit ? 1 : 0)),
    lastUpdate: Float64Array.from(members, ({ lastUpdateSlot }) => Number(lastUpdateSlot)),
    registeredAt: Float64Array.from(members, ({ registeredSlot }) => Number(registeredSlot)),
    earliestCommit: readEarliestCommits(state, netuid, members),
    weights: members.map(({ permit }, uid) => (permit ? rowOf(weights.get(state, netuid, uid)?.row) : null)),
    bonds: members.map((_, uid) => rowOf(bonds.get(state, netuid, uid))),
    emission,
  };
}

function storeBonds({ state }: BlockContext, netuid: number, input: EpochInput, output: EpochOutput): void {
  for (const [uid, row] of output.bonds.entries()) {
    if (row !== null && row.uids.length > 0) bonds.set(state, netuid, uid, rowToBytes(row));
    else if (input.bonds[uid] !== null) bonds.delete(state, netuid, uid);
  }
}
