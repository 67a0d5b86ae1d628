import { encode } from '@cairn/core';
import {
  attestEvidenceShape,
  commitSaltShape,
  commitWeightsShape,
  epochs,
  revealWeightsShape,
  saltCommitment,
  salts,
  setWeightsShape,
  subnets,
  uids,
  weights,
  weightsCommitment,
  weightsCommits,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';
import { SALTS, saltOf, secretWeights } from './secret-weights.ts';
import { netuidOf } from './subnets.ts';
import { timelockedWork } from './timelock.ts';

type Sender = SimulatedCall['sender'];

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

function commitSalts({ random, crypto }: SimulationScene, sender: Sender, netuid: number): SimulatedCall {
  const first = random.below(4);
  const commitments = Array.from({ length: 1 + random.below(3) }, (_, index) =>
    saltCommitment(crypto, netuid, sender.account, SALTS[(first + index) % SALTS.length]!),
  );
  const message = encode(commitSaltShape, { netuid, commitments });
  return { sender, messageId: messageIdOf('yuma.commitSalt'), message };
}

/** Mostly commits where nothing is due, and reveals of what is; now and then too early, too late or another's. */
function secretWork(scene: SimulationScene, sender: Sender, netuid: number): SimulatedCall {
  const { random, view, crypto } = scene;
  const current = epochs.get(view, netuid)?.epoch ?? 1;
  const uid = uids.get(view, netuid, sender.account);
  const made = uid === undefined ? [] : (weightsCommits.get(view, netuid, uid) ?? []);
  const due = made.find(({ revealEpoch }) => random.oneIn(8) || revealEpoch <= current);
  if (due !== undefined && !random.oneIn(6)) {
    const salt = saltOf(scene, sender, netuid, due.salt.commitment);
    const next = random.pick(SALTS);
    const { validator: _, ...opened } = secretWeights(scene, sender, netuid, due.epoch, salt);
    const nextSaltCommitment = saltCommitment(crypto, netuid, sender.account, next);
    const message = encode(revealWeightsShape, { ...opened, nextSaltCommitment });
    return { sender, messageId: messageIdOf('yuma.revealWeights'), message };
  }
  const bound = uid === undefined ? undefined : salts.get(view, netuid, uid)?.bound[0];
  const salt = saltOf(scene, sender, netuid, bound?.commitment);
  const author = random.oneIn(8) ? random.pick(scene.people) : sender;
  const message = encode(commitWeightsShape, {
    netuid,
    epoch: random.oneIn(8) ? current + 1 : current,
    commitment: weightsCommitment(crypto, secretWeights(scene, author, netuid, current, salt)),
    evidenceRoot: random.bytes(32),
  });
  return { sender, messageId: messageIdOf('yuma.commitWeights'), message };
}

function openWeights(scene: SimulationScene, sender: Sender, netuid: number): SimulatedCall {
  const { random, crypto, view } = scene;
  const scored = Array.from({ length: 6 }, (_, uid) => uid).filter(() => !random.oneIn(2));
  const current = epochs.get(view, netuid)?.epoch ?? 1;
  const uid = uids.get(view, netuid, sender.account);
  const bound = uid === undefined ? undefined : salts.get(view, netuid, uid)?.bound[0];
  const message = encode(setWeightsShape, {
    netuid,
    epoch: random.oneIn(8) ? current + 1 : current,
    uids: scored,
    values: scored.map(() => random.below(65_536)),
    version: random.below(2),
    evidenceRoot: random.bytes(32),
    salt: saltOf(scene, sender, netuid, bound?.commitment),
    nextSaltCommitment: saltCommitment(crypto, netuid, sender.account, random.pick(SALTS)),
  });
  return { sender, messageId: messageIdOf('yuma.setWeights'), message };
}

/** Salts, weights and attestations of validators, many of people who are none. */
export const yumaGenerator: CallGenerator = {
  module: 'yuma',
  weight: 10,
  call(scene) {
    const { random, people, view } = scene;
    const sender = random.pick(people);
    const netuid = netuidOf(scene);
    if (random.oneIn(4)) return commitSalts(scene, sender, netuid);
    if (random.oneIn(5)) return attestation(scene, sender, netuid);
    const scheme = subnets.get(view, netuid)?.hyperparameters.commitReveal ?? 1;
    if (scheme === 2 && !random.oneIn(3)) return timelockedWork(scene, sender, netuid);
    const isSecret = scheme !== 0;
    return isSecret !== random.oneIn(10)
      ? secretWork(scene, sender, netuid)
      : openWeights(scene, sender, netuid);
  },
};
