import { problem, type Verdict } from '../execution/message.ts';
import type { Subnet } from '../subnets/state.ts';

/** Weights as a message carries them. */
export interface GivenWeights {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly version: number;
}

/** Whether weights have the form of a row on a subnet. */
export function checkRowForm({ neuronCount }: Subnet, { uids, values }: GivenWeights): Verdict {
  if (uids.length !== values.length) {
    return problem('WEIGHTS_UNEVEN', `${uids.length} uids have ${values.length} values. Give each its own.`);
  }
  const unsorted = uids.findIndex((uid, index) => index > 0 && uid <= uids[index - 1]!);
  if (unsorted >= 0) {
    return problem(
      'WEIGHTS_UNSORTED',
      `Uid ${uids[unsorted]} follows ${uids[unsorted - 1]}: sort the uids and name each once.`,
    );
  }
  const last = uids.at(-1);
  if (last !== undefined && last >= neuronCount) {
    return problem('UID_UNKNOWN', `There is no uid ${last}; the subnet has ${neuronCount} neurons.`);
  }
  return null;
}

/** Whether weights are what the owner of the subnet asks for. */
export function checkRowRules(
  { neuronCount, hyperparameters }: Subnet,
  { uids, version }: GivenWeights,
): Verdict {
  const fewest = Math.min(hyperparameters.minAllowedWeights, neuronCount);
  if (uids.length < fewest) {
    return problem(
      'WEIGHTS_TOO_FEW',
      `${uids.length} uids are fewer than the ${fewest} this subnet wants. Add zeros for those not scored.`,
    );
  }
  if (version < hyperparameters.weightsVersion) {
    return problem(
      'WEIGHTS_VERSION_OLD',
      `Version ${version} of the mechanism is below ${hyperparameters.weightsVersion}. Upgrade the validator.`,
    );
  }
  return null;
}
