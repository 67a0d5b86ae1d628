import { bytesToHex, encode } from '@cairn/core';
import {
  cancelDissolveShape,
  claimDissolvedShape,
  createSubnetShape,
  declareMeasureShape,
  dissolveSubnetShape,
  matchChallengeShape,
  registerNeuronShape,
  scheduleCell,
  setHyperparametersShape,
  setMechanismsShape,
  subnets,
  subnetsCell,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** One of the latest subnets, dissolved ones among them, now and then one that never was. */
export const netuidOf = ({ random, view }: SimulationScene): number =>
  Math.max(0, subnetsCell.get(view).count + 1 - random.below(5));

/** Notices given and taken back, challenges matched, and claims for oneself and others. */
function endingCall(scene: SimulationScene): SimulatedCall {
  const { random, people, view } = scene;
  const netuid = netuidOf(scene);
  const owner = subnets.get(view, netuid)?.owner;
  const isOwner = ({ account }: SimulatedCall['sender']) =>
    owner !== undefined && bytesToHex(account) === bytesToHex(owner);
  const sender = people.find((person) => isOwner(person) && !random.oneIn(5)) ?? random.pick(people);
  const send = (name: string, message: Uint8Array): SimulatedCall => ({
    sender,
    messageId: messageIdOf(name),
    message,
  });
  switch (random.below(10)) {
    case 0:
      return send('subnets.dissolve', encode(dissolveSubnetShape, { netuid }));
    case 1:
      return send('subnets.cancelDissolve', encode(cancelDissolveShape, { netuid }));
    case 2: {
      const limit = random.oneIn(4) ? 1n : 0xffff_ffff_ffffn;
      return send('subnets.match', encode(matchChallengeShape, { netuid, limit }));
    }
    default: {
      const hotkey = random.oneIn(2) ? null : random.pick(people).account;
      const holder = random.pick(people).account;
      return send('subnets.claimDissolved', encode(claimDissolvedShape, { netuid, holder, hotkey }));
    }
  }
}

const SPLITS = [[65_535], [32_768, 32_767], [0, 65_535], [60_000, 5_535], [1, 2], []];

/** Mechanisms added, taken away and split anew, mostly by who may. */
function mechanismsCall(scene: SimulationScene): SimulatedCall {
  const { random, people, view } = scene;
  const netuid = random.oneIn(8) ? netuidOf(scene) : aliveOr(scene);
  const owner = subnets.get(view, netuid)?.owner;
  const isOwner = ({ account }: SimulatedCall['sender']) =>
    owner !== undefined && bytesToHex(account) === bytesToHex(owner);
  const sender = people.find((person) => isOwner(person) && !random.oneIn(8)) ?? random.pick(people);
  if (random.oneIn(4)) {
    const measure = {
      mechanism: random.below(2),
      id: random.pick(['crontab', 'other']),
      version: 1,
      evidenceVersion: 2,
    };
    const message = encode(declareMeasureShape, { netuid, ...measure });
    return { sender, messageId: messageIdOf('subnets.declareMeasure'), message };
  }
  const message = encode(setMechanismsShape, { netuid, split: random.pick(SPLITS) });
  return { sender, messageId: messageIdOf('subnets.setMechanisms'), message };
}

/** A subnet that is alive, where there is one. */
function aliveOr(scene: SimulationScene): number {
  const alive = scheduleCell.get(scene.view).map(({ netuid }) => netuid);
  return alive.length > 0 ? scene.random.pick(alive) : netuidOf(scene);
}

/** How weights of a subnet are hidden, chosen anew, mostly by who may. */
function schemeCall(scene: SimulationScene): SimulatedCall {
  const { random, people, view } = scene;
  const netuid = aliveOr(scene);
  const owner = subnets.get(view, netuid)?.owner;
  const isOwner = ({ account }: SimulatedCall['sender']) =>
    owner !== undefined && bytesToHex(account) === bytesToHex(owner);
  const sender = people.find((person) => isOwner(person) && !random.oneIn(8)) ?? random.pick(people);
  const changes = [{ name: 'commitReveal', value: random.oneIn(3) ? random.belowBig(2n) : 2n }];
  const message = encode(setHyperparametersShape, { netuid, changes });
  return { sender, messageId: messageIdOf('subnets.setHyperparameters'), message };
}

/** Subnets, their neurons and settings, how they end and who takes their place. */
export const subnetsGenerator: CallGenerator = {
  module: 'subnets',
  weight: 7,
  call(scene) {
    const { random, people } = scene;
    const sender = random.pick(people);
    if (random.oneIn(4)) return endingCall(scene);
    if (random.oneIn(6)) return mechanismsCall(scene);
    if (random.oneIn(8)) return schemeCall(scene);
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
        ...(random.oneIn(3) ? [{ name: 'commitReveal', value: random.belowBig(3n) }] : []),
        ...(random.oneIn(3) ? [{ name: 'revealEpochs', value: 1n + random.belowBig(3n) }] : []),
      ];
      const message = encode(setHyperparametersShape, { netuid: netuidOf(scene), changes });
      return { sender, messageId: messageIdOf('subnets.setHyperparameters'), message };
    }
    const burnLimit = random.oneIn(5) ? 1n : 0xffff_ffff_ffffn;
    const message = encode(registerNeuronShape, {
      netuid: random.oneIn(3) ? netuidOf(scene) : aliveOr(scene),
      hotkey: (random.oneIn(3) ? random.pick(people) : sender).account,
      burnLimit,
    });
    return { sender, messageId: messageIdOf('subnets.registerNeuron'), message };
  },
};
