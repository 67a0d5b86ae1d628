import { areBytesEqual } from '@cairn/core';
import { epochs, type SecretWeights, saltCommitment, salts, subnets, weightsCommits } from '@cairn/ledger';
import type { SimulatedCall, SimulationScene } from '../generator.ts';

type Sender = SimulatedCall['sender'];

/** One mechanism of a subnet. */
export interface Work {
  readonly netuid: number;
  readonly mechanism: number;
}

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
  { netuid, mechanism }: Work,
  epoch: number,
  salt: Uint8Array,
): SecretWeights {
  const listed = Array.from(
    { length: Math.min(6, subnets.get(view, netuid)?.neuronCount ?? 1) },
    (_, uid) => uid,
  );
  return {
    netuid,
    mechanism,
    validator: account,
    epoch,
    uids: listed.slice(0, 1 + (epoch % 5)),
    values: listed.slice(0, 1 + (epoch % 5)).map((uid) => (epoch * 7919 * (uid + 1 + mechanism)) % 65_536),
    version: 0,
    salt,
  };
}

/** The salt that a commit of now would bind: that of another mechanism's of the epoch, or the oldest. */
export function dueSalt({ view }: SimulationScene, { netuid }: Work, uid: number | undefined) {
  if (uid === undefined) return undefined;
  const current = epochs.get(view, netuid)?.epoch;
  const count = subnets.get(view, netuid)?.mechanisms.length ?? 0;
  const made = Array.from(
    { length: count },
    (_, other) => weightsCommits.get(view, netuid, uid, other) ?? [],
  );
  return made.flat().find(({ epoch }) => epoch === current)?.salt ?? salts.get(view, netuid, uid)?.bound[0];
}
