import { areBytesEqual } from '@cairn/core';
import { type SecretWeights, saltCommitment, subnets } from '@cairn/ledger';
import type { SimulatedCall, SimulationScene } from '../generator.ts';

type Sender = SimulatedCall['sender'];

/** Few salts, so that some reveals match what was committed. */
export const SALTS = [0, 1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));

/** The salt behind a commitment of this sender. */
export function saltOf(
  { crypto, random }: SimulationScene,
  sender: Sender,
  netuid: number,
  commitment?: Uint8Array,
) {
  const known = SALTS.find(
    (salt) =>
      commitment !== undefined &&
      areBytesEqual(saltCommitment(crypto, netuid, sender.account, salt), commitment),
  );
  return known ?? random.pick(SALTS);
}

/** Weights that follow from place and epoch, so that a reveal finds again what was committed. */
export function secretWeights(
  { view }: SimulationScene,
  { account }: Sender,
  netuid: number,
  epoch: number,
  salt: Uint8Array,
): SecretWeights {
  const listed = Array.from(
    { length: Math.min(6, subnets.get(view, netuid)?.neuronCount ?? 1) },
    (_, uid) => uid,
  );
  return {
    netuid,
    validator: account,
    epoch,
    uids: listed.slice(0, 1 + (epoch % 5)),
    values: listed.slice(0, 1 + (epoch % 5)).map((uid) => (epoch * 7919 * (uid + 1)) % 65_536),
    version: 0,
    salt,
  };
}
