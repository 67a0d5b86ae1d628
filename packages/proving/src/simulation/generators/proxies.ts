import { encode } from '@cairn/core';
import {
  addProxyShape,
  announceProxyCallShape,
  batchShape,
  type Call,
  callHashOf,
  PURPOSE_NAMES,
  proxyCallShape,
  rejectProxyCallShape,
  removeProxyShape,
  transferShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** A payment of one of a few amounts, often in a batch, so that announcements meet their calls. */
function aPayment({ random, people }: SimulationScene): Call {
  const message = encode(transferShape, { to: people[1]!.account, amount: BigInt(1 + random.below(2)) });
  const call = { messageId: messageIdOf('accounts.transfer'), message };
  if (random.oneIn(2)) return call;
  return { messageId: messageIdOf('accounts.batch'), message: encode(batchShape, { calls: [call, call] }) };
}

/** Delegates named and removed, calls announced, rejected and run, for neighbours and for strangers. */
export const proxiesGenerator: CallGenerator = {
  module: 'accounts',
  weight: 3,
  call(scene): SimulatedCall {
    const { random, people, crypto } = scene;
    const at = random.below(people.length);
    const owner = people[at]!;
    const delegate = random.oneIn(10) ? owner : people[(at + 1) % people.length]!;
    const send = (sender: typeof owner, name: string, message: Uint8Array) => ({
      sender: random.oneIn(12) ? random.pick(people) : sender,
      messageId: messageIdOf(name),
      message,
    });
    const call = aPayment(scene);
    const callHash = callHashOf(crypto, call);
    const pair = { owner: owner.account, delegate: delegate.account };
    switch (random.below(7)) {
      case 0:
        return send(
          owner,
          'accounts.addProxy',
          encode(addProxyShape, {
            delegate: pair.delegate,
            purpose: random.oneIn(2) ? 'transfer' : random.pick(PURPOSE_NAMES),
            delaySlots: random.below(3),
          }),
        );
      case 1:
        return send(owner, 'accounts.removeProxy', encode(removeProxyShape, { delegate: pair.delegate }));
      case 2:
      case 3:
        return send(
          delegate,
          'accounts.announceProxyCall',
          encode(announceProxyCallShape, { owner: pair.owner, callHash }),
        );
      case 4:
        return send(owner, 'accounts.rejectProxyCall', encode(rejectProxyCallShape, { ...pair, callHash }));
      default:
        return send(delegate, 'accounts.proxy', encode(proxyCallShape, { owner: pair.owner, call }));
    }
  },
};
