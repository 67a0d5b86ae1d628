import { createBeaconSigner, encode, sealToRound } from '@cairn/core';
import {
  type Beacon,
  commitTimelockedShape,
  epochs,
  lockOfEpoch,
  postPulseShape,
  readParameters,
  saltCommitment,
  scheduleCell,
  subnets,
  timelockedWeightsShape,
  timelocks,
  uids,
  weightsCommitment,
} from '@cairn/ledger';
import type { SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';
import { dueSalt, SALTS, saltOf, secretWeights, type Work } from './secret-weights.ts';

type Sender = SimulatedCall['sender'];

const signer = createBeaconSigner(new Uint8Array(32).fill(3));

/** A beacon whose pulses the simulation makes itself, in rounds that began before it. */
export const SIMULATED_BEACON: Beacon = {
  publicKey: signer.publicKey,
  genesisMs: 1_699_999_999_000n,
  periodMs: 3_000n,
};

/** Mostly the pulse of a round that weights wait for; seldom a forged one, or one that nobody waits for. */
function pulse({ random, view }: SimulationScene, sender: Sender, netuid: number): SimulatedCall {
  const waiting = timelocks.get(view, netuid);
  const round = waiting.length === 0 || random.oneIn(8) ? random.belowBig(99n) : random.pick(waiting).round;
  const signature = random.oneIn(6) ? random.bytes(48) : signer.sign(round);
  const message = encode(postPulseShape, { netuid, round, signature });
  return { sender, messageId: messageIdOf('yuma.postPulse'), message };
}

/** Weights sealed to the round of the epoch, some of them to another or nothing at all. */
function commit(scene: SimulationScene, sender: Sender, work: Work): SimulatedCall {
  const { netuid, mechanism } = work;
  const { random, view, crypto } = scene;
  const subnet = subnets.get(view, netuid);
  const epoch = epochs.get(view, netuid)?.epoch ?? 1;
  const lock =
    subnet === undefined
      ? null
      : lockOfEpoch(
          { state: view, parameters: readParameters(view) },
          netuid,
          epoch,
          subnet.hyperparameters.revealEpochs,
        );
  const round = (lock?.round ?? 1n) + (random.oneIn(12) ? 1n : 0n);
  const uid = uids.get(view, netuid, sender.account);
  const bound = dueSalt(scene, work, uid);
  const salt = saltOf(scene, sender, netuid, bound?.commitment);
  const secret = secretWeights(scene, sender, work, epoch, salt);
  const { uids: scored, values, version } = secret;
  const nextSaltCommitment = saltCommitment(crypto, netuid, sender.account, random.pick(SALTS));
  const plaintext = encode(timelockedWeightsShape, {
    uids: scored,
    values,
    version,
    salt,
    nextSaltCommitment,
  });
  const message = encode(commitTimelockedShape, {
    netuid,
    mechanism,
    epoch,
    round,
    commitment: weightsCommitment(crypto, secret),
    evidenceRoot: random.bytes(32),
    // Sealing is slow: where it could not come in anyway, and now and then, garbage will do.
    ciphertext:
      bound === undefined || random.oneIn(6)
        ? random.bytes(200)
        : sealToRound(SIMULATED_BEACON.publicKey, round > 0n ? round : 1n, plaintext, random.bytes(32)),
  });
  return { sender, messageId: messageIdOf('yuma.commitTimelocked'), message };
}

/** Often the pulse that a subnet waits for in this epoch, as epochs are short; null where none does. */
export function duePulse(scene: SimulationScene): SimulatedCall | null {
  const { random, people, view } = scene;
  const due = scheduleCell.get(view).find(({ netuid }) => {
    const { epoch } = epochs.get(view, netuid)!;
    return timelocks
      .get(view, netuid)
      .some(({ signature, revealEpoch }) => signature.length === 0 && revealEpoch <= epoch);
  });
  return due === undefined || random.oneIn(3) ? null : pulse(scene, random.pick(people), due.netuid);
}

/** What goes on where weights are locked to rounds: mostly commits, and now and then a pulse. */
export function timelockedWork(scene: SimulationScene, sender: Sender, work: Work): SimulatedCall {
  return scene.random.oneIn(12) ? pulse(scene, sender, work.netuid) : commit(scene, sender, work);
}
