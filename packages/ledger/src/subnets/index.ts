import { createSubnetMessage } from './apply/create.ts';
import { registerNeuronMessage } from './apply/register-neuron.ts';
import { setHyperparametersMessage } from './apply/set-hyperparameters.ts';
import { hyperparametersQuery, metagraphQuery, subnetQuery, subnetsQuery } from './query.ts';

/** Subnets: markets for one kind of work, their rules and who has a place on them. */
export const subnetsModule = {
  name: 'subnets',
  messages: [createSubnetMessage, setHyperparametersMessage, registerNeuronMessage],
  queries: [subnetsQuery, subnetQuery, metagraphQuery, hyperparametersQuery],
} as const;
