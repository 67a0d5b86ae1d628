import { encode } from '@cairn/core';
import { createSubnetShape, registerNeuronShape, setHyperparametersShape } from '@cairn/ledger';
import type { CallGenerator, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

export const netuidOf = ({ random }: SimulationScene): number => random.below(4);

/** Subnets, their neurons and settings. */
export const subnetsGenerator: CallGenerator = {
  module: 'subnets',
  weight: 4,
  call(scene) {
    const { random, people } = scene;
    const sender = random.pick(people);
    if (random.oneIn(8)) {
      const message = encode(createSubnetShape, {
        name: `subnet ${random.below(9)}`,
        lockLimit: 0xffff_ffff_ffffn,
      });
      return { sender, messageId: messageIdOf('subnets.create'), message };
    }
    if (random.oneIn(8)) {
      const changes = [
        { name: random.pick(['tempo', 'immunitySlots', 'kappa', 'nothing']), value: random.belowBig(400n) },
        ...(random.oneIn(3) ? [{ name: 'commitReveal', value: random.belowBig(2n) }] : []),
        ...(random.oneIn(3) ? [{ name: 'revealEpochs', value: 1n + random.belowBig(3n) }] : []),
      ];
      const message = encode(setHyperparametersShape, { netuid: netuidOf(scene), changes });
      return { sender, messageId: messageIdOf('subnets.setHyperparameters'), message };
    }
    const burnLimit = random.oneIn(5) ? 1n : 0xffff_ffff_ffffn;
    const message = encode(registerNeuronShape, {
      netuid: netuidOf(scene),
      hotkey: (random.oneIn(3) ? random.pick(people) : sender).account,
      burnLimit,
    });
    return { sender, messageId: messageIdOf('subnets.registerNeuron'), message };
  },
};
