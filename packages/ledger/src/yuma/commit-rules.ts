import type { MessageContext } from '../execution/context.ts';
import { problem, type TransactionProblem, type Verdict } from '../execution/message.ts';
import { subnetUnknown } from '../subnets/problems.ts';
import { neurons, type Subnet, subnets, uids as uidTable } from '../subnets/state.ts';
import { type CommitScheme, commitSchemeOf } from './commit-scheme.ts';
import { noPermit, notRegistered, saltNotCommitted, weightsTooSoon } from './problems.ts';
import { isSaltRipe } from './salt-rules.ts';
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
  readonly uid: number;
  readonly epoch: number;
  /** Its commit of the same epoch, which the new one replaces. */
  readonly sameEpoch: WeightsCommit | undefined;
  /** The salt that the commit binds. */
  readonly salt: BoundSalt;
  /** Stores the commit, and takes its salt off the queue. */
  store(commit: WeightsCommit): void;
}

interface Committed {
  readonly netuid: number;
  /** Epoch whose tasks were scored. */
  readonly epoch: number;
}

/** Whether the sender may commit now by a scheme of this number; all that is to be known of its place if so. */
export function readyToCommit(
  context: MessageContext,
  schemeId: number,
  { netuid, epoch: scored }: Committed,
): ReadyToCommit | TransactionProblem {
  const { state, sender } = context;
  const subnet = subnets.get(state, netuid);
  if (subnet === undefined) return subnetUnknown(state, netuid);
  const scheme = commitSchemeOf(subnet.hyperparameters.commitReveal);
  if (scheme?.id !== schemeId) return schemeWrong(netuid, scheme);
  const uid = uidTable.get(state, netuid, sender);
  if (uid === undefined) return notRegistered(netuid, sender);
  if (!neurons.get(state, netuid, uid)!.permit) return noPermit(netuid, uid);
  const current = epochs.get(state, netuid)!;
  const made = weightsCommits.get(state, netuid, uid) ?? [];
  const sameEpoch = made.find(({ epoch }) => epoch === current.epoch);
  const queue = salts.get(state, netuid, uid) ?? NO_SALT;
  const [oldest, ...rest] = queue.bound;
  const salt = sameEpoch?.salt ?? oldest;
  const unfit =
    checkEpoch(netuid, current.epoch, scored) ??
    checkScheme(schemeId, sameEpoch) ??
    checkPace(context, subnet, netuid, uid, made.at(-1)) ??
    checkSalt(salt, current);
  if (unfit !== null) return unfit;
  if (salt === undefined) return saltNotCommitted();
  return {
    subnet,
    uid,
    epoch: current.epoch,
    sameEpoch,
    salt,
    store(commit) {
      if (sameEpoch === undefined) salts.set(state, netuid, uid, { ...queue, bound: rest });
      weightsCommits.set(state, netuid, uid, [...made.filter((other) => other !== sameEpoch), commit]);
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

/** A commit made before the subnet changed its scheme stays as it is, with its date. */
function checkScheme(schemeId: number, sameEpoch: WeightsCommit | undefined): Verdict {
  if (sameEpoch === undefined || sameEpoch.scheme === schemeId) return null;
  return problem(
    'COMMIT_SCHEME_CHANGED',
    `Weights of epoch ${sameEpoch.epoch} are committed by scheme ${sameEpoch.scheme}, from before the subnet changed to ${schemeId}. They stay; commit by the new one in the next epoch.`,
  );
}

/** Commits are held to the pace of weights: a validator that floods pays fees and gets nothing in. */
function checkPace(
  { state, slot }: MessageContext,
  { hyperparameters }: Subnet,
  netuid: number,
  uid: number,
  latest: WeightsCommit | undefined,
): Verdict {
  const lastSlot = latest?.slot ?? weights.get(state, netuid, uid)?.committedSlot;
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
