import { type Amount, mulDiv } from '@cairn/core';
import { payOwner, recycleUnearned } from '../emission/pay.ts';
import { rootProportionOf } from '../emission/root-proportion.ts';
import { splitByMechanism } from '../emission/split.ts';
import { takePending } from '../emission/state.ts';
import type { BlockContext } from '../execution/context.ts';
import { supplyCell } from '../flows/supply.ts';
import { markets } from '../pools/state.ts';
import type { StateView } from '../state/view.ts';
import type { Hyperparameters } from '../subnets/hyperparameters.ts';
import { type Neuron, readNeurons, type Subnet, subnets } from '../subnets/state.ts';
import { changeMechanisms } from './change-mechanisms.ts';
import { combineMechanisms, type MechanismEpoch, withoutIdlePay } from './combine-mechanisms.ts';
import { readEarliestCommits } from './earliest-commit.ts';
import { epochRan } from './events.ts';
import { judgeEvidence } from './judged-evidence.ts';
import type { EpochInput, EpochParameters, SparseRow } from './math/epoch-input.ts';
import { runEpoch } from './math/run-epoch.ts';
import { readMemberStakes, stakeThatCounts } from './member-stakes.ts';
import { findMissedWork } from './missed-work.ts';
import { payMembers } from './pay-epoch.ts';
import { bytesToRow } from './row-bytes.ts';
import { nextSeed } from './seed.ts';
import { bonds, epochs, reschedule, type Salt, type ScheduledEpoch, salts, weights } from './state.ts';
import { storeBonds, storeResults } from './store-results.ts';
import { endTimelocks } from './timelock/open.ts';

/**
 * One epoch of one subnet: pays the tokens that wait by the weights in force in its mechanisms, each its part, stores
 * the results, fixes the seed of the next epoch. What nobody earned is recycled.
 *
 * Cost: about four records read and two written for each neuron, two more read for each permit holder, and the
 * epoch's own; each further mechanism again as much.
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
  const parts = splitByMechanism(
    emission - ownerCut,
    subnet.mechanisms.length,
    subnet.mechanisms.map(({ part }) => part),
  );
  let paid = ownerCut;
  if (members.length > 0) {
    const memberStakes = readMemberStakes(state, netuid, members, context.slot);
    const stakes = memberStakes.map((stake) => stakeThatCounts(context.parameters, stake));
    const shared = { netuid, epoch, lastEpochSlot, members, memberSalts, stakes, subnet };
    const mechanisms = withoutIdlePay(
      parts.map((part, mechanism) => runMechanism(context, { ...shared, mechanism, emission: part })),
    );
    const market = markets.get(state, netuid)!;
    const pay = payMembers(context, {
      netuid,
      epoch,
      owner: subnet.owner,
      members,
      memberStakes,
      rootPart: rootProportionOf(context.parameters, supplyCell.get(state), market),
      output: combineMechanisms(mechanisms),
    });
    paid += pay.paid;
    markets.set(state, netuid, {
      ...markets.get(state, netuid)!,
      minerBurned: pay.minerBurned,
      burnCaused: 0n,
    });
    storeResults(context, netuid, mechanisms);
  }
  endTimelocks(context, netuid, epoch);
  recycleUnearned(context, netuid, emission - paid);
  const mixed = memberSalts.flatMap((salt) => (salt?.mixedEpoch === epoch ? [salt.mixed] : []));
  const next = nextSeed(context.crypto, seed, mixed, context.slot);
  epochs.set(state, netuid, { epoch: epoch + 1, seed: next, previousSeed: seed, mixedSalts: mixed.length });
  reschedule(state, netuid, { lastEpochSlot: context.slot });
  epochRan(context, {
    netuid,
    epoch,
    seed,
    nextSeed: next,
    salts: mixed.length,
    emission,
    paid,
    mechanisms: parts,
  });
  changeMechanisms(context, netuid, epoch);
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

interface MechanismWork {
  readonly netuid: number;
  readonly mechanism: number;
  readonly epoch: number;
  readonly lastEpochSlot: bigint;
  readonly members: readonly Neuron[];
  readonly memberSalts: readonly (Salt | undefined)[];
  readonly stakes: readonly Amount[];
  readonly emission: Amount;
  readonly subnet: Subnet;
}

/** The epoch of one mechanism: what it is worth to whom, and who forfeits. Stores its bonds. */
function runMechanism(context: BlockContext, work: MechanismWork): MechanismEpoch {
  const { hyperparameters, mechanisms } = work.subnet;
  const input = readInput(context, work);
  const output = runEpoch(input);
  const judged = judgeEvidence(context, work);
  const missed = findMissedWork(context, { ...work, hyperparameters, mechanisms: mechanisms.length });
  storeBonds(context, work, input, output);
  return { emission: work.emission, output, missed, judged };
}

function readInput(
  { state, slot }: BlockContext,
  { netuid, mechanism, lastEpochSlot, members, stakes, emission, subnet }: MechanismWork,
): EpochInput {
  const rowOf = (bytes: Uint8Array | undefined): SparseRow | null =>
    bytes === undefined ? null : bytesToRow(bytes);
  const place = { netuid, mechanism };
  return {
    parameters: epochParameters(subnet.hyperparameters),
    slot: Number(slot),
    lastEpochSlot: Number(lastEpochSlot),
    ownerUid: null,
    stakes,
    permits: Uint8Array.from(members, ({ permit }) => (permit ? 1 : 0)),
    lastUpdate: readLastUpdates(state, place, members, subnet),
    registeredAt: Float64Array.from(members, ({ registeredSlot }) => Number(registeredSlot)),
    earliestCommit: readEarliestCommits(state, place, members),
    weights: members.map(({ permit }, uid) =>
      permit ? rowOf(weights.get(state, netuid, uid, mechanism)?.row) : null,
    ),
    bonds: members.map((_, uid) => rowOf(bonds.get(state, netuid, uid, mechanism))),
    emission,
  };
}

/**
 * Slot of each neuron's last weights in a mechanism. Who has none yet counts from its registration, or from when the
 * mechanism began: for as long as `activityCutoffSlots` its stake stands against those who score it.
 */
function readLastUpdates(
  view: StateView,
  { netuid, mechanism }: { readonly netuid: number; readonly mechanism: number },
  members: readonly Neuron[],
  { mechanisms }: Subnet,
): Float64Array {
  if (mechanisms.length === 1)
    return Float64Array.from(members, ({ lastUpdateSlot }) => Number(lastUpdateSlot));
  const { beganSlot } = mechanisms[mechanism]!;
  return Float64Array.from(members, ({ permit, registeredSlot }, uid) => {
    const inForce = permit ? weights.get(view, netuid, uid, mechanism) : undefined;
    return Number(inForce?.slot ?? (registeredSlot > beganSlot ? registeredSlot : beganSlot));
  });
}
