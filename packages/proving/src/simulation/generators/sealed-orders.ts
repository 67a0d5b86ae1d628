import { bytesToHex, encode } from '@cairn/core';
import {
  openOrderShape,
  type SealedOrder,
  sealedOrderCommitment,
  sealedOrders,
  sealOrderShape,
} from '@cairn/ledger';
import type { SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

interface Secret {
  readonly person: number;
  readonly salt: number;
  readonly side: 'buy' | 'sell';
  readonly netuid: number;
  readonly to: number | null;
  /** Decimal; null: all. */
  readonly amount: string | null;
}

function orderOf({ side, netuid, to, amount }: Secret): SealedOrder {
  const nextLeg = to === null ? null : { netuid: to, minOut: 0n };
  const bounds = { limitPrice: null, minOut: 0n, isPartialAllowed: netuid % 2 === 0 };
  return { side, netuid, amount: amount === null ? null : BigInt(amount), ...bounds, nextLeg };
}

/** Mostly opens what is to be opened, seals otherwise; now and then too early, another's, or with a wrong salt. */
export function sealedOrderCall(scene: SimulationScene, netuid: number, amount: bigint): SimulatedCall {
  const { random, people, view, crypto, chainId, ids } = scene;
  const made = ids('sealed orders');
  const commitmentOf = (secret: Secret) =>
    sealedOrderCommitment(crypto, {
      chainId,
      sender: people[secret.person]!.account,
      salt: new Uint8Array(32).fill(secret.salt),
      order: orderOf(secret),
    });
  const due = new Set(sealedOrders.opening(view).sealed.map(({ commitment }) => bytesToHex(commitment)));
  const secrets = made.slice(-24).map((text) => JSON.parse(text) as Secret);
  const openable = secrets.find((secret) => random.oneIn(40) || due.has(bytesToHex(commitmentOf(secret))));
  if (openable !== undefined && !random.oneIn(4)) {
    const salt = random.oneIn(16) ? random.bytes(32) : new Uint8Array(32).fill(openable.salt);
    const sender = random.oneIn(16) ? random.pick(people) : people[openable.person]!;
    const opening = { commitment: commitmentOf(openable), salt, order: orderOf(openable) };
    return { sender, messageId: messageIdOf('pools.openOrder'), message: encode(openOrderShape, opening) };
  }
  const secret: Secret = {
    person: random.below(people.length),
    salt: random.below(200),
    side: random.oneIn(2) ? 'buy' : 'sell',
    netuid,
    to: random.oneIn(3) ? 1 + random.below(netuid) : null,
    amount: random.oneIn(4) ? null : amount.toString(),
  };
  made.push(JSON.stringify(secret));
  const message = encode(sealOrderShape, { commitment: commitmentOf(secret) });
  return { sender: people[secret.person]!, messageId: messageIdOf('pools.sealOrder'), message };
}
