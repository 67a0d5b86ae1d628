import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import { accuseShape, answerShape, publishCalibrationShape, supportShape } from '@cairn/ledger';
import type { CallGenerator, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

const NONE = new Uint8Array(32);

function knownReceipt({ ids, random }: SimulationScene): Uint8Array {
  const known = ids('receipts');
  return known.length === 0 || random.oneIn(10) ? random.bytes(32) : hexToBytes(random.pick(known.slice(-8)));
}

/** Cases against providers, supported and answered by anybody, and calibrations of models, some of others. */
export const verificationGenerator: CallGenerator = {
  module: 'verification',
  weight: 4,
  call(scene) {
    const { random, people, height, ids } = scene;
    const sender = random.pick(people);
    const reveal = random.oneIn(2) ? NONE : new Uint8Array(32).fill(1);
    switch (random.below(5)) {
      case 0: {
        const receipt = random.oneIn(4) ? knownReceipt(scene) : random.bytes(32);
        ids('receipts').push(bytesToHex(receipt));
        const offenceHeight = BigInt(Math.max(0, height - random.below(20)));
        const provider = random.pick(people).account;
        const message = encode(accuseShape, { provider, receipt, offenceHeight, evidence: random.bytes(32) });
        return { sender, messageId: messageIdOf('verification.accuse'), message };
      }
      case 1:
      case 2: {
        const message = encode(supportShape, { receipt: knownReceipt(scene), reveal });
        return { sender, messageId: messageIdOf('verification.support'), message };
      }
      case 3: {
        const message = encode(answerShape, { receipt: knownReceipt(scene), reveal });
        return { sender, messageId: messageIdOf('verification.answer'), message };
      }
      default: {
        const known = ids('models');
        const message = encode(publishCalibrationShape, {
          model: known.length === 0 ? random.bytes(32) : hexToBytes(random.pick(known)),
          artifact: new Uint8Array(32).fill(7),
          engine: `engine ${random.below(10)}`,
          calibration: random.oneIn(3) ? NONE : random.bytes(32),
          sizeBytes: 1_000,
        });
        return { sender, messageId: messageIdOf('verification.publishCalibration'), message };
      }
    }
  },
};
