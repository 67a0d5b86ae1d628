import { sign } from 'node:crypto';
import { compareBytes, encode } from '@cairn/core';
import {
  announceKeyChangeShape,
  approveRecoveryShape,
  changeKeyShape,
  disputedAccountShape,
  keyConsentBytes,
  openChannelShape,
  removeSubKeyShape,
  SUB_KEY_MESSAGES,
  setRecoveryShape,
  setSubKeyShape,
  spendAsShape,
  transferShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

function keyCall({ random, people, chainId }: SimulationScene): SimulatedCall {
  const sender = random.pick(people);
  const account = (random.oneIn(3) ? random.pick(people) : sender).account;
  const key = random.pick(people);
  switch (random.below(6)) {
    case 0:
      return {
        sender,
        messageId: messageIdOf('accounts.announceKeyChange'),
        message: encode(announceKeyChangeShape, { newKey: key.account }),
      };
    case 1: {
      const bytes = keyConsentBytes(chainId, random.oneIn(6) ? key.account : account);
      const signature = new Uint8Array(sign(null, bytes, key.key));
      const consent = { scheme: 'ed25519', publicKey: key.publicKey, signature } as const;
      return {
        sender,
        messageId: messageIdOf('accounts.changeKey'),
        message: encode(changeKeyShape, { account, consent }),
      };
    }
    case 2: {
      const name = random.oneIn(2) ? 'accounts.disputeKeyChange' : 'accounts.clearKeyChange';
      return { sender, messageId: messageIdOf(name), message: encode(disputedAccountShape, { account }) };
    }
    case 3: {
      const guardians = people.filter(() => random.oneIn(6)).map((person) => person.account);
      const threshold = random.below(3);
      const message = encode(setRecoveryShape, {
        guardians: guardians.slice(0, 9).sort(compareBytes),
        threshold,
      });
      return { sender, messageId: messageIdOf('accounts.setRecovery'), message };
    }
    default: {
      const message = encode(approveRecoveryShape, {
        account: random.pick(people).account,
        newKey: key.account,
      });
      return { sender, messageId: messageIdOf('accounts.approveRecovery'), message };
    }
  }
}

function subKeyCall({ random, people }: SimulationScene): SimulatedCall {
  const at = random.below(people.length);
  const sender = people[at]!;
  // Mostly the two of a pair, so that a key often meets an owner that set it.
  const other = (random.oneIn(8) ? random.pick(people) : (people[at ^ 1] ?? sender)).account;
  if (random.oneIn(8)) {
    const message = encode(removeSubKeyShape, { owner: sender.account, key: other });
    return { sender, messageId: messageIdOf('accounts.removeSubKey'), message };
  }
  if (random.oneIn(3)) {
    const limits = {
      perCall: random.belowBig(2_000_000_000n),
      perDay: random.belowBig(4_000_000_000n),
      total: random.belowBig(9_000_000_000n),
      expirySlot: random.belowBig(2_000n),
      messages: SUB_KEY_MESSAGES.filter(() => !random.oneIn(3)),
      payees: random.oneIn(4) ? [random.pick(people).account] : [],
      models: [],
    };
    return {
      sender,
      messageId: messageIdOf('accounts.setSubKey'),
      message: encode(setSubKeyShape, { key: other, limits }),
    };
  }
  const payee = random.pick(people).account;
  const amount = random.belowBig(2_500_000_000n);
  const call = random.oneIn(3)
    ? {
        messageId: messageIdOf('channels.open'),
        message: encode(openChannelShape, { payee, netuid: 1, deposit: amount }),
      }
    : {
        messageId: messageIdOf('accounts.transfer'),
        message: encode(transferShape, { to: payee, amount }),
      };
  return {
    sender,
    messageId: messageIdOf('accounts.spendAs'),
    message: encode(spendAsShape, { owner: other, call }),
  };
}

/** Changes of keys among people, guardians and sub-keys, disputed and frozen as often as not. */
export const keysGenerator: CallGenerator = {
  module: 'accounts',
  weight: 4,
  call: (scene) => (scene.random.oneIn(3) ? keyCall(scene) : subKeyCall(scene)),
};
