import { encode } from '@cairn/core';
import {
  attestEvidenceShape,
  commitSaltShape,
  commitWeightsShape,
  epochs,
  revealWeightsShape,
  saltCommitment,
  salts,
  scheduleCell,
  setWeightsShape,
  subnets,
  uids,
  weights,
  weightsCommitment,
  weightsCommits,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';
import { dueSalt, SALTS, saltOf, secretWeights, type Work } from './secret-weights.ts';
import { netuidOf } from './subnets.ts';
import { duePulse, timelockedWork } from './timelock.ts';

type Sender = SimulatedCall['sender'];

/** Mostly a word on validators whose evidence is due, seldom on others or another epoch. */
function attestation(
  { random, view }: SimulationScene,
  sender: SimulatedCall['sender'],
  { netuid, mechanism }: Work,
): SimulatedCall {
  const current = epochs.get(view, netuid)?.epoch ?? 1;
  const own = uids.get(view, netuid, sender.account);
  const listed = Array.from({ length: 6 }, (_, uid) => uid).filter((uid) => {
    if (random.oneIn(16)) return true;
    return uid !== own && weights.get(view, netuid, uid, mechanism)?.epoch === current && !random.oneIn(3);
  });
  const message = encode(attestEvidenceShape, {
    netuid,
    mechanism,
    epoch: random.oneIn(8) ? current + 1 : current,
    uids: listed,
    answered: random.oneIn(16) ? [] : listed.map((uid) => (sender.account[uid]! + current) % 4),
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
function secretWork(scene: SimulationScene, sender: Sender, work: Work): SimulatedCall {
  const { netuid, mechanism } = work;
  const { random, view, crypto } = scene;
  const current = epochs.get(view, netuid)?.epoch ?? 1;
  const uid = uids.get(view, netuid, sender.account);
  const made = uid === undefined ? [] : (weightsCommits.get(view, netuid, uid, mechanism) ?? []);
  const due = made.find(({ revealEpoch }) => random.oneIn(8) || revealEpoch <= current);
  if (due !== undefined && !random.oneIn(6)) {
    const salt = saltOf(scene, sender, netuid, due.salt.commitment);
    const next = random.pick(SALTS);
    const { validator: _, ...opened } = secretWeights(scene, sender, work, due.epoch, salt);
    const nextSaltCommitment = saltCommitment(crypto, netuid, sender.account, next);
    const message = encode(revealWeightsShape, { ...opened, nextSaltCommitment });
    return { sender, messageId: messageIdOf('yuma.revealWeights'), message };
  }
  const salt = saltOf(scene, sender, netuid, dueSalt(scene, work, uid)?.commitment);
  const author = random.oneIn(8) ? random.pick(scene.people) : sender;
  const message = encode(commitWeightsShape, {
    netuid,
    mechanism,
    epoch: random.oneIn(8) ? current + 1 : current,
    commitment: weightsCommitment(crypto, secretWeights(scene, author, work, current, salt)),
    evidenceRoot: random.bytes(32),
  });
  return { sender, messageId: messageIdOf('yuma.commitWeights'), message };
}

function openWeights(scene: SimulationScene, sender: Sender, { netuid, mechanism }: Work): SimulatedCall {
  const { random, crypto, view } = scene;
  const scored = Array.from({ length: 6 }, (_, uid) => uid).filter(() => !random.oneIn(2));
  const current = epochs.get(view, netuid)?.epoch ?? 1;
  const uid = uids.get(view, netuid, sender.account);
  const own = uid === undefined ? undefined : salts.get(view, netuid, uid);
  const isShared = own?.mixedEpoch === current && !random.oneIn(4);
  const message = encode(setWeightsShape, {
    netuid,
    mechanism,
    epoch: random.oneIn(8) ? current + 1 : current,
    uids: scored,
    values: scored.map(() => random.below(65_536)),
    version: random.below(2),
    evidenceRoot: random.bytes(32),
    salt: isShared ? own.mixed : saltOf(scene, sender, netuid, own?.bound[0]?.commitment),
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
    const pulse = duePulse(scene);
    if (pulse !== null) return pulse;
    const alive = scheduleCell.get(view).map(({ netuid }) => netuid);
    const netuid = alive.length > 0 && !random.oneIn(8) ? random.pick(alive) : netuidOf(scene);
    const members = people.filter(({ account }) => uids.get(view, netuid, account) !== undefined);
    const sender = members.length > 0 && !random.oneIn(6) ? random.pick(members) : random.pick(people);
    if (random.oneIn(4)) return commitSalts(scene, sender, netuid);
    const subnet = subnets.get(view, netuid);
    const count = subnet?.mechanisms.length ?? 1;
    const work = { netuid, mechanism: random.below(random.oneIn(8) ? count + 1 : count) };
    if (random.oneIn(5)) return attestation(scene, sender, work);
    const scheme = subnet?.hyperparameters.commitReveal ?? 1;
    if (scheme === 2 && !random.oneIn(3)) return timelockedWork(scene, sender, work);
    return (scheme !== 0) !== random.oneIn(10)
      ? secretWork(scene, sender, work)
      : openWeights(scene, sender, work);
  },
};
