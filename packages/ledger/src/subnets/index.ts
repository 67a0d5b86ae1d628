import { cancelDissolveMessage } from './apply/cancel-dissolve.ts';
import { claimDissolvedMessage } from './apply/claim-dissolved.ts';
import { createSubnetMessage } from './apply/create.ts';
import { declareMeasureMessage } from './apply/declare-measure.ts';
import { dissolveSubnetMessage } from './apply/dissolve.ts';
import { matchChallengeMessage } from './apply/match.ts';
import { registerNeuronMessage } from './apply/register-neuron.ts';
import { setHyperparametersMessage } from './apply/set-hyperparameters.ts';
import { setMechanismsMessage } from './apply/set-mechanisms.ts';
import { claimableQuery, dissolvedQuery, noticesQuery } from './lifecycle/query.ts';
import { runNotices } from './lifecycle/run-notices.ts';
import { hyperparametersQuery, metagraphQuery, subnetQuery, subnetsQuery } from './query.ts';

/** Subnets: markets for one kind of work, their rules, who has a place on them, and how they begin and end. */
export const subnetsModule = {
  name: 'subnets',
  messages: [
    createSubnetMessage,
    setHyperparametersMessage,
    registerNeuronMessage,
    dissolveSubnetMessage,
    claimDissolvedMessage,
    matchChallengeMessage,
    cancelDissolveMessage,
    setMechanismsMessage,
    declareMeasureMessage,
  ],
  queries: [
    subnetsQuery,
    subnetQuery,
    metagraphQuery,
    hyperparametersQuery,
    noticesQuery,
    dissolvedQuery,
    claimableQuery,
  ],
  beginBlock: runNotices,
} as const;
