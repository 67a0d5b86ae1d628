import { choice, u8, type ValueOf } from '@cairn/core';
import type { CallFilter } from '../execution/calls.ts';
import { problem } from '../execution/message.ts';

const STAKING = [
  'staking.associateHotkey',
  'staking.dissociateHotkey',
  'staking.stake',
  'staking.unstake',
  'staking.setTake',
  'staking.stakeTokens',
  'staking.unstakeTokens',
  'staking.moveStake',
  'staking.release',
  'staking.setChildren',
  'staking.setChildTake',
  'staking.setAutoStake',
  'staking.setRootClaim',
  'staking.claimRoot',
  'staking.unlock',
  'pools.buy',
  'pools.sell',
  'pools.swap',
  'pools.sealOrder',
  'pools.openOrder',
  'subnets.claimDissolved',
];
const REGISTRATION = [
  'subnets.create',
  'subnets.registerNeuron',
  'validators.join',
  'validators.leave',
  'validators.unjail',
  'crowdfunding.open',
  'crowdfunding.finalise',
];
const WEIGHTS = [
  'yuma.setWeights',
  'yuma.commitSalt',
  'yuma.attestEvidence',
  'yuma.commitWeights',
  'yuma.revealWeights',
  'yuma.commitTimelocked',
  'yuma.postPulse',
  'verification.accuse',
  'verification.support',
];
const SUBNET_OWNER = [
  'subnets.setHyperparameters',
  'subnets.cancelDissolve',
  'subnets.setMechanisms',
  'subnets.declareMeasure',
];
const REGISTRY = [
  'registry.publishModel',
  'registry.retireModel',
  'registry.publishOffer',
  'registry.withdrawOffer',
  'datasets.publish',
  'datasets.retire',
  'registry.setProvider',
  'registry.removeProvider',
  'registry.setAlias',
  'registry.removeAlias',
  'registry.clearRoyalties',
  'registry.postEvaluation',
  'registry.withdrawEvaluation',
  'verification.answer',
  'verification.publishCalibration',
];
const CHANNELS = [
  'channels.open',
  'channels.topUp',
  'channels.claim',
  'channels.startClose',
  'channels.finalise',
];
const COMPUTE = [
  'compute.publish',
  'compute.retire',
  'compute.order',
  'compute.bid',
  'compute.withdrawBid',
  'compute.cancelOrder',
  'compute.accept',
  'compute.topUp',
  'compute.announceReclaim',
  'compute.close',
  'compute.abandon',
];
const TRAINING = [
  'training.createRun',
  'training.fund',
  'training.endRun',
  'training.join',
  'training.leave',
  'training.commitUpdate',
  'training.witness',
  'training.commitScores',
  'training.revealScores',
  'training.settle',
  'training.challenge',
  'training.judge',
  'training.appeal',
  'training.postCheckpoint',
  'training.sign',
];
const GOVERNANCE = [
  'governance.propose',
  'governance.vote',
  'governance.withdrawVote',
  'governance.delegateVotes',
  'governance.undelegateVotes',
  'governance.cancelProposal',
  'governance.councilAct',
  'governance.completeMilestone',
  'governance.claimGrant',
];

/**
 * What a delegate may do for the owner: the messages of each purpose. A batch is part of every purpose; what is
 * in it has to be as well. A message that no list names is only for `any`: what ends the account, what gives
 * others rights over it, what binds stake for months, and what runs calls later or as somebody else.
 */
export const PURPOSES = {
  /** Every message. */
  any: null,
  /** All that moves no money of the owner to others. */
  nonTransfer: [...STAKING, ...REGISTRATION, ...WEIGHTS, ...SUBNET_OWNER, ...REGISTRY, ...GOVERNANCE],
  transfer: [
    'accounts.transfer',
    'pools.transfer',
    'subnets.match',
    'staking.transferStake',
    'crowdfunding.contribute',
    'crowdfunding.withdraw',
    'crowdfunding.refund',
  ],
  staking: STAKING,
  registration: REGISTRATION,
  weights: WEIGHTS,
  subnetOwner: SUBNET_OWNER,
  registry: REGISTRY,
  channels: CHANNELS,
  governance: GOVERNANCE,
  compute: COMPUTE,
  training: TRAINING,
} as const satisfies Record<string, readonly string[] | null>;

/** The numbers on the wire are the places in this list and never change. */
export const PURPOSE_NAMES = [
  'any',
  'nonTransfer',
  'transfer',
  'staking',
  'registration',
  'weights',
  'subnetOwner',
  'registry',
  'channels',
  'governance',
  'compute',
  'training',
] as const satisfies readonly (keyof typeof PURPOSES)[];

export const purposeShape = choice('purpose', PURPOSE_NAMES, u8);
export type Purpose = ValueOf<typeof purposeShape>;

/** What the delegate of an entry may run for the owner, at every depth. */
export function filterOf({ purpose, delaySlots }: { purpose: Purpose; delaySlots: number }): CallFilter {
  const names: readonly string[] | null = PURPOSES[purpose];
  return (name, message) => {
    if (names !== null) {
      if (name === 'accounts.batch' || names.includes(name)) return null;
      return problem(
        'CALL_NOT_PERMITTED',
        `A delegate for ${purpose} may not run ${name}. The owner, or a delegate whose purpose has it, can.`,
      );
    }
    return delaySlots === 0 ? null : delayedFault(name, message, delaySlots);
  };
}

/** Messages with which a delegate that has to announce would give somebody a way to act that needs no notice. */
const WITHOUT_NOTICE: readonly string[] = [
  'accounts.schedule',
  'accounts.announceKeyChange',
  'accounts.changeKey',
  'accounts.disputeKeyChange',
  'accounts.setRecovery',
  'accounts.clearKeyChange',
  'accounts.setSubKey',
  'accounts.spendAs',
];

/** A delegate for anything, but announced: nothing it does may let somebody act with less notice. */
function delayedFault(name: string, message: unknown, delaySlots: number) {
  if (WITHOUT_NOTICE.includes(name)) {
    return problem(
      'CALL_NOT_PERMITTED',
      `A delegate with a delay may not run ${name}: what comes of it passes no check of the delay. Announce the call itself.`,
    );
  }
  if (name !== 'accounts.addProxy') return null;
  const added = (message as { delaySlots: number }).delaySlots;
  if (added >= delaySlots) return null;
  return problem(
    'PROXY_DELAY_TOO_SHORT',
    `A delegate with a delay of ${delaySlots} slots may not add one with ${added}. Give it at least as many.`,
  );
}
