import { createBeaconSigner, encode, sealToRound } from '@cairn/core';
import {
  type Beacon,
  commitTimelockedShape,
  epochs,
  lockOfEpoch,
  postPulseShape,
  readParameters,
  saltCommitment,
  salts,
  subnets,
  timelockedWeightsShape,
  timelocks,
  uids,
  weightsCommitment,
} from '@cairn/ledger';
import type { SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';
import { SALTS, saltOf, secretWeights } from './secret-weights.ts';

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
function commit(scene: SimulationScene, sender: Sender, netuid: number): SimulatedCall {
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
  const bound = uid === undefined ? undefined : salts.get(view, netuid, uid)?.bound[0];
  const salt = saltOf(scene, sender, netuid, bound?.commitment);
  const secret = secretWeights(scene, sender, netuid, epoch, salt);
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

/** What goes on where weights are locked to rounds: mostly commits, and pulses where some are awaited. */
export function timelockedWork(scene: SimulationScene, sender: Sender, netuid: number): SimulatedCall {
  const isAwaited = timelocks.get(scene.view, netuid).some(({ signature }) => signature.length === 0);
  return scene.random.oneIn(isAwaited ? 3 : 12)
    ? pulse(scene, sender, netuid)
    : commit(scene, sender, netuid);
}
