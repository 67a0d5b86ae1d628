import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import {
  accounts,
  batchShape,
  type Call,
  cancelScheduledShape,
  clock,
  closeShape,
  scheduledIdOf,
  scheduleShape,
  transferShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

function aLaterCall(scene: SimulationScene): Call {
  const { random, people, ids } = scene;
  const known = ids('scheduled');
  const call = (name: string, message: Uint8Array): Call => ({ messageId: messageIdOf(name), message });
  const to = random.pick(people).account;
  switch (random.below(6)) {
    case 0:
      return { messageId: random.below(200), message: random.bytes(4) };
    case 1:
      return call('accounts.close', encode(closeShape, { beneficiary: to }));
    case 2: {
      const scheduled = known.length === 0 ? random.bytes(32) : hexToBytes(random.pick(known));
      return call('accounts.cancelScheduled', encode(cancelScheduledShape, { scheduled }));
    }
    case 3: {
      const inner = { slot: clock.get(scene.view).slot + random.belowBig(40n), call: aLaterCall(scene) };
      return call('accounts.schedule', encode(scheduleShape, inner));
    }
    case 4:
      return call('accounts.batch', encode(batchShape, { calls: [aLaterCall(scene), aLaterCall(scene)] }));
    default:
      return call(
        'accounts.transfer',
        encode(transferShape, { to, amount: random.belowBig(random.pick([1_000n, 1n << 50n])) }),
      );
  }
}

/** Calls for slots near and past, calls inside calls, and cancelling what waits, ran or belongs to others. */
export const scheduledGenerator: CallGenerator = {
  module: 'accounts',
  weight: 3,
  call(scene): SimulatedCall {
    const { random, people, crypto, chainId, view, ids } = scene;
    const sender = random.pick(people);
    const known = ids('scheduled');
    if (known.length > 0 && random.oneIn(5)) {
      const scheduled = hexToBytes(random.pick(known.slice(-12)));
      return {
        sender,
        messageId: messageIdOf('accounts.cancelScheduled'),
        message: encode(cancelScheduledShape, { scheduled }),
      };
    }
    const nonce = accounts.get(view, sender.account)?.nonce ?? 0n;
    known.push(bytesToHex(scheduledIdOf(crypto, chainId, sender.account, nonce)));
    const slot = clock.get(view).slot + random.belowBig(random.oneIn(8) ? 1n << 60n : 12n);
    return {
      sender,
      messageId: messageIdOf('accounts.schedule'),
      message: encode(scheduleShape, { slot, call: aLaterCall(scene) }),
    };
  },
};
