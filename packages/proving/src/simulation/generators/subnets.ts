import { bytesToHex, encode } from '@cairn/core';
import {
  attestEvidenceShape,
  cancelDissolveShape,
  claimDissolvedShape,
  commitSaltShape,
  createSubnetShape,
  dissolveSubnetShape,
  epochs,
  matchChallengeShape,
  registerNeuronShape,
  saltCommitment,
  setHyperparametersShape,
  setWeightsShape,
  subnets,
  subnetsCell,
  uids,
  weights,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** One of the latest subnets, dissolved ones among them, now and then one that never was. */
const netuidOf = ({ random, view }: SimulationScene): number =>
  Math.max(0, subnetsCell.get(view).count + 1 - random.below(5));

/** One of four salts, so that some reveals match what was committed. */
const saltOf = ({ random }: SimulationScene): Uint8Array => new Uint8Array(32).fill(random.below(4));

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

/** Subnets, their neurons and settings, how they end and who takes their place. */
export const subnetsGenerator: CallGenerator = {
  module: 'subnets',
  weight: 7,
  call(scene) {
    const { random, people } = scene;
    const sender = random.pick(people);
    if (random.oneIn(4)) return endingCall(scene);
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

/** Mostly a word on validators whose evidence is due, seldom on others or another epoch. */
function attestation(
  { random, view }: SimulationScene,
  sender: SimulatedCall['sender'],
  netuid: number,
): SimulatedCall {
  const current = epochs.get(view, netuid)?.epoch ?? 1;
  const own = uids.get(view, netuid, sender.account);
  const listed = Array.from({ length: 6 }, (_, uid) => uid).filter((uid) => {
    if (random.oneIn(16)) return true;
    return uid !== own && weights.get(view, netuid, uid)?.epoch === current && !random.oneIn(3);
  });
  const message = encode(attestEvidenceShape, {
    netuid,
    epoch: random.oneIn(8) ? current + 1 : current,
    uids: listed,
  });
  return { sender, messageId: messageIdOf('yuma.attestEvidence'), message };
}

/** Salts, weights and attestations of validators, many of people who are none. */
export const yumaGenerator: CallGenerator = {
  module: 'yuma',
  weight: 5,
  call(scene) {
    const { random, people, crypto } = scene;
    const sender = random.pick(people);
    const netuid = netuidOf(scene);
    const commitment = saltCommitment(crypto, netuid, sender.account, saltOf(scene));
    if (random.oneIn(3)) {
      return {
        sender,
        messageId: messageIdOf('yuma.commitSalt'),
        message: encode(commitSaltShape, { netuid, commitment }),
      };
    }
    const scored = Array.from({ length: 6 }, (_, uid) => uid).filter(() => !random.oneIn(2));
    const current = epochs.get(scene.view, netuid)?.epoch ?? 1;
    if (random.oneIn(4)) return attestation(scene, sender, netuid);
    const message = encode(setWeightsShape, {
      netuid,
      epoch: random.oneIn(8) ? current + 1 : current,
      uids: scored,
      values: scored.map(() => random.below(65_536)),
      version: random.below(2),
      evidenceRoot: random.bytes(32),
      salt: saltOf(scene),
      nextSaltCommitment: commitment,
    });
    return { sender, messageId: messageIdOf('yuma.setWeights'), message };
  },
};
