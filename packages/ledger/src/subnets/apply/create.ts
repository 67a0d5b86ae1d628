import { formatAmount } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { createMarket } from '../../pools/market.ts';
import { markets } from '../../pools/state.ts';
import { firstSeed, scheduleSubnet } from '../../yuma/seed.ts';
import { initialHyperparameters } from '../change-hyperparameters.ts';
import { subnetCreated } from '../events.ts';
import { createSubnetShape } from '../messages/create.ts';
import { lockCost, priceAtIssuance } from '../price.ts';
import { MAX_SUBNETS, SUBNET_BYTES, type Subnet, subnets, subnetsCell } from '../state.ts';

export const createSubnetMessage = defineMessage({
  id: 32,
  name: 'subnets.create',
  help: 'Creates a subnet owned by the sender, who locks what it costs now.',
  shape: createSubnetShape,
  // The price of every other token is read for the median; what is not read is given back.
  work: () => 16 + MAX_SUBNETS,
  apply(context, { name, lockLimit }) {
    const { state, sender, parameters, slot } = context;
    if (name.trim() === '') return problem('NAME_EMPTY', 'Give the subnet a name.');
    const network = subnetsCell.get(state);
    if (BigInt(network.count) >= parameters.subnetLimit) {
      return problem('SUBNETS_FULL', `All ${parameters.subnetLimit} subnets of this network exist.`);
    }
    const cost = lockCost(state, parameters, slot);
    if (cost > lockLimit) {
      return problem(
        'LOCK_LIMIT_EXCEEDED',
        `A subnet locks ${formatAmount(cost)} CAIRN now, your limit is ${formatAmount(lockLimit)}. Raise it or wait.`,
      );
    }
    const deposit = recordDeposit(context, SUBNET_BYTES);
    const refused = holdDeposit(context, sender, deposit) ?? debit(context, sender, cost, 'pools.lock');
    if (refused !== null) return refused;
    const netuid = network.count + 1;
    const hyperparameters = initialHyperparameters(parameters);
    const subnet: Subnet = {
      name,
      owner: sender,
      locked: cost,
      deposit,
      createdSlot: slot,
      neuronCount: 0,
      burn: priceAtIssuance(state, parameters, parameters.initialBurn),
      burnSlot: slot,
      registrationHeight: 0n,
      registrationsAtHeight: 0,
      hyperparametersSlot: 0n,
      hyperparameters,
    };
    subnetsCell.set(state, { count: netuid, lastLock: cost, lastLockSlot: slot });
    markets.set(state, netuid, createMarket(state, network.count, cost, slot));
    subnets.set(state, netuid, subnet);
    const seed = firstSeed(context.crypto, context.chainId, netuid, context.block.hash);
    scheduleSubnet(state, netuid, { slot, tempo: hyperparameters.tempo, seed });
    subnetCreated(context, netuid, subnet);
    return null;
  },
});
