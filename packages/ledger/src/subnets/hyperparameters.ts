import { struct, u32, u64, type ValueOf } from '@cairn/core';

/** Most uids of any subnet: the bound of every list of neurons, weights and bonds. */
export const MAX_UIDS = 4_096;

/** Most scoring mechanisms of any subnet, whatever `maxMechanisms` says. */
export const MAX_MECHANISMS = 16;

/** Most epochs between the commit of weights and their reveal. */
export const MAX_REVEAL_EPOCHS = 100;

/** Rules of one subnet. Its owner sets them within the bounds of `HYPERPARAMETERS`. */
export const hyperparametersShape = struct('Hyperparameters', {
  tempo: u32,
  maxUids: u32,
  maxValidators: u32,
  immunitySlots: u32,
  minNonImmuneUids: u32,
  immuneOwnerUids: u32,
  activityCutoffSlots: u32,
  yumaVersion: u32,
  kappa: u32,
  bondsPenalty: u32,
  bondsMovingAverage: u32,
  liquidAlpha: u32,
  alphaLow: u32,
  alphaHigh: u32,
  alphaSteepness: u32,
  minAllowedWeights: u32,
  weightsRateLimitSlots: u32,
  weightsVersion: u32,
  burnMin: u64,
  burnMax: u64,
  burnHalfLifeSlots: u32,
  burnIncreaseBps: u32,
  registrationsPerBlock: u32,
  registrationOpen: u32,
  commitReveal: u32,
  revealEpochs: u32,
  stakeCapBps: u32,
  trustedDividendsBps: u32,
});
export type Hyperparameters = ValueOf<typeof hyperparametersShape>;
export type HyperparameterName = keyof Hyperparameters;
