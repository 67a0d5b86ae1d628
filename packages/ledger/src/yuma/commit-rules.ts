import type { MessageContext } from '../execution/context.ts';
import { problem, type TransactionProblem, type Verdict } from '../execution/message.ts';
import { subnetUnknown } from '../subnets/problems.ts';
import { neurons, type Subnet, subnets, uids as uidTable } from '../subnets/state.ts';
import { type CommitScheme, commitSchemeOf } from './commit-scheme.ts';
import { mechanismUnknown, noPermit, notRegistered, saltNotCommitted, weightsTooSoon } from './problems.ts';
import { isSaltRipe } from './salt-rules.ts';
import { findSharedCommit, type MechanismPlace } from './shared-salt.ts';
import {
  type BoundSalt,
  type EpochState,
  epochs,
  NO_SALT,
  salts,
  type WeightsCommit,
  weights,
  weightsCommits,
} from './state.ts';

/** A validator that may commit to its weights of an epoch. */
export interface ReadyToCommit {
  readonly subnet: Subnet;
  readonly place: MechanismPlace;
  readonly epoch: number;
  /** Its commit of the same epoch: the one which the new one replaces, or of another mechanism. */
  readonly shared: WeightsCommit | undefined;
  /** The salt that the commit binds. */
  readonly salt: BoundSalt;
  /** Stores the commit, and takes its salt off the queue where it is the first of the epoch. */
  store(commit: WeightsCommit): void;
}

interface Committed {
  readonly netuid: number;
  readonly mechanism: number;
  /** Epoch whose tasks were scored. */
  readonly epoch: number;
}

/**
 * Whether the sender may commit now by a scheme of this number; all that is to be known of its place if so.
 *
 * Cost: about eight records read, and one for each other mechanism.
 */
export function readyToCommit(
  context: MessageContext,
  schemeId: number,
  { netuid, mechanism, epoch: scored }: Committed,
): ReadyToCommit | TransactionProblem {
  const { state, sender } = context;
  const subnet = subnets.get(state, netuid);
  if (subnet === undefined) return subnetUnknown(state, netuid);
  const count = subnet.mechanisms.length;
  if (mechanism >= count) return mechanismUnknown(netuid, mechanism, count);
  const scheme = commitSchemeOf(subnet.hyperparameters.commitReveal);
  if (scheme?.id !== schemeId) return schemeWrong(netuid, scheme);
  const uid = uidTable.get(state, netuid, sender);
  if (uid === undefined) return notRegistered(netuid, sender);
  if (!neurons.get(state, netuid, uid)!.permit) return noPermit(netuid, uid);
  const current = epochs.get(state, netuid)!;
  const place = { netuid, uid, mechanism };
  const made = weightsCommits.get(state, netuid, uid, mechanism) ?? [];
  const sameEpoch = made.find(({ epoch }) => epoch === current.epoch);
  const shared = sameEpoch ?? findSharedCommit(state, place, count, current.epoch);
  const queue = salts.get(state, netuid, uid) ?? NO_SALT;
  const [oldest, ...rest] = queue.bound;
  const salt = shared?.salt ?? oldest;
  const unfit =
    checkEpoch(netuid, current.epoch, scored) ??
    checkScheme(schemeId, shared) ??
    checkPace(context, subnet, place, made.at(-1)) ??
    checkSalt(salt, current);
  if (unfit !== null) return unfit;
  if (salt === undefined) return saltNotCommitted();
  return {
    subnet,
    place,
    epoch: current.epoch,
    shared,
    salt,
    store(commit) {
      if (shared === undefined) salts.set(state, netuid, uid, { ...queue, bound: rest });
      const kept = made.filter((other) => other !== sameEpoch);
      weightsCommits.set(state, netuid, uid, [...kept, commit], mechanism);
    },
  };
}

function schemeWrong(netuid: number, wanted: CommitScheme | null): TransactionProblem {
  if (wanted === null) {
    return problem(
      'COMMIT_REVEAL_OFF',
      `Subnet ${netuid} takes weights in the open. Send yuma.setWeights, or have its owner set commitReveal to 1.`,
    );
  }
  const message = wanted.name === 'hash' ? 'yuma.commitWeights' : 'yuma.commitTimelocked';
  return problem(
    'COMMIT_SCHEME_WRONG',
    `Subnet ${netuid} takes commits of the scheme ${wanted.name} (commitReveal ${wanted.id}). Send ${message}.`,
  );
}

function checkEpoch(netuid: number, epoch: number, scored: number): Verdict {
  if (scored === epoch) return null;
  return problem(
    'EPOCH_WRONG',
    `This commits weights of epoch ${scored}; subnet ${netuid} is in epoch ${epoch}. Score it anew.`,
  );
}

/**
 * A commit made before the subnet changed its scheme stays as it is, with its date; and as all mechanisms of an epoch
 * fall due together, no other joins it.
 */
function checkScheme(schemeId: number, shared: WeightsCommit | undefined): Verdict {
  if (shared === undefined || shared.scheme === schemeId) return null;
  return problem(
    'COMMIT_SCHEME_CHANGED',
    `Weights of epoch ${shared.epoch} are committed by scheme ${shared.scheme}, from before the subnet changed to ${schemeId}. They stay; commit by the new one in the next epoch.`,
  );
}

/** Commits are held to the pace of weights: a validator that floods pays fees and gets nothing in. */
function checkPace(
  { state, slot }: MessageContext,
  { hyperparameters }: Subnet,
  { netuid, uid, mechanism }: MechanismPlace,
  latest: WeightsCommit | undefined,
): Verdict {
  const lastSlot = latest?.slot ?? weights.get(state, netuid, uid, mechanism)?.committedSlot;
  if (lastSlot === undefined) return null;
  const allowedFrom = lastSlot + BigInt(hyperparameters.weightsRateLimitSlots);
  return slot < allowedFrom ? weightsTooSoon(uid, lastSlot, allowedFrom, slot) : null;
}

function checkSalt(salt: BoundSalt | undefined, current: EpochState): Verdict {
  if (salt === undefined) return saltNotCommitted();
  if (isSaltRipe(salt, current)) return null;
  return problem(
    'SALT_TOO_NEW',
    `The salt was committed in epoch ${salt.epoch}, when the seed of epoch ${current.epoch} could be foreseen. Commit weights in the next epoch.`,
  );
}
