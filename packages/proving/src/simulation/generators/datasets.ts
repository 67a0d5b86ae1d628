import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import { datasetIdOf, publishDatasetShape, retireDatasetShape } from '@cairn/ledger';
import type { CallGenerator } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** Data sets: listed, listed again, of others and retired. */
export const datasetsGenerator: CallGenerator = {
  module: 'datasets',
  weight: 1,
  call({ random, people, crypto, ids }) {
    const sender = random.pick(people);
    const known = ids('datasets');
    if (known.length > 0 && random.oneIn(3)) {
      const dataset = random.oneIn(8) ? random.bytes(32) : hexToBytes(random.pick(known));
      const message = encode(retireDatasetShape, { dataset });
      return { sender, messageId: messageIdOf('datasets.retire'), message };
    }
    const chunks = random.below(4);
    const card = {
      name: random.oneIn(10) ? 'No Name' : `people/data-${random.below(5)}`,
      description: 'Made up.',
      licence: random.oneIn(10) ? '' : 'CC0-1.0',
      tags: [],
      sizeBytes: BigInt(chunks) * 262_144n,
      chunks,
      root: new Uint8Array(32).fill(random.below(3)),
      sampleChunks: random.below(3),
      pricePerChunk: random.belowBig(1_000_000n),
      netuid: random.below(3),
      peer: 'memory',
    };
    known.push(bytesToHex(datasetIdOf(crypto, sender.account, card)));
    return {
      sender,
      messageId: messageIdOf('datasets.publish'),
      message: encode(publishDatasetShape, { card }),
    };
  },
};
