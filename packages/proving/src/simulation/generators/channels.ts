import { sign } from 'node:crypto';
import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import {
  accounts,
  channelIdOf,
  channels,
  claimChannelShape,
  closeChannelShape,
  openChannelShape,
  soldArtifactOf,
  topUpChannelShape,
  voucherSignBytes,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';
import { SIMULATED_ARTIFACT } from './registry.ts';

function openCall({ random, people, crypto, chainId, view, ids }: SimulationScene): SimulatedCall {
  const sender = random.pick(people);
  const nonce = accounts.get(view, sender.account)?.nonce ?? 0n;
  ids('channels').push(bytesToHex(channelIdOf(crypto, chainId, sender.account, nonce)));
  const message = encode(openChannelShape, {
    payee: random.pick(people).account,
    netuid: random.below(4),
    deposit: random.belowBig(5_000_000_000n),
  });
  return { sender, messageId: messageIdOf('channels.open'), message };
}

/** A voucher of the payer or of somebody else, for less, all or more than is left. */
function claimCall(
  { random, people, chainId, crypto, view, ids }: SimulationScene,
  id: string,
): SimulatedCall {
  const channel = channels.get(view, id);
  const isOf = (account: Uint8Array | undefined) =>
    people.find((person) => bytesToHex(person.account) === bytesToHex(account!));
  const payer = (channel === undefined ? undefined : isOf(channel.payer)) ?? random.pick(people);
  const signer = random.oneIn(6) ? random.pick(people) : payer;
  const sender =
    (channel === undefined || random.oneIn(6) ? undefined : isOf(channel.payee)) ?? random.pick(people);
  const model = ids('models').slice(0, 8)[hexToBytes(id)[0]! % 8];
  const paidFor = { model: hexToBytes(model ?? id), artifact: SIMULATED_ARTIFACT };
  const cumulative = random.belowBig((channel?.deposited ?? 1_000n) + 1_000n);
  const voucher = {
    channel: hexToBytes(id),
    cumulative,
    totals: cumulative === 0n ? [] : [{ artifact: soldArtifactOf(crypto, paidFor), amount: cumulative }],
    lastReceipt: new Uint8Array(32),
  };
  const signature = new Uint8Array(sign(null, voucherSignBytes(chainId, voucher), signer.key));
  const authorization = { scheme: 'ed25519', publicKey: signer.publicKey, signature } as const;
  const message = encode(claimChannelShape, { voucher, authorization, close: random.oneIn(6) });
  return { sender, messageId: messageIdOf('channels.claim'), message };
}

/** The life of channels, out of order as often as not. */
export const channelsGenerator: CallGenerator = {
  module: 'channels',
  weight: 8,
  call(scene) {
    const { random, people, ids } = scene;
    const known = ids('channels');
    if (known.length === 0 || random.oneIn(5)) return openCall(scene);
    const id = random.pick(known.slice(-24));
    const channel = hexToBytes(id);
    const sender = random.pick(people);
    switch (random.below(6)) {
      case 0: {
        const message = encode(topUpChannelShape, { channel, amount: random.belowBig(1_000_000_000n) });
        return { sender, messageId: messageIdOf('channels.topUp'), message };
      }
      case 1:
        return {
          sender,
          messageId: messageIdOf('channels.startClose'),
          message: encode(closeChannelShape, { channel }),
        };
      case 2:
        return {
          sender,
          messageId: messageIdOf('channels.finalise'),
          message: encode(closeChannelShape, { channel }),
        };
      default:
        return claimCall(scene, id);
    }
  },
};
