import { sign } from 'node:crypto';
import { encode } from '@cairn/core';
import {
  joinValidatorsShape,
  leaveValidatorsShape,
  unjailValidatorShape,
  validatorSignBytes,
} from '@cairn/ledger';
import type { CallGenerator } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** Every person's key votes, for its own hotkey or that of another, some with a signature that does not hold. */
export const validatorsGenerator: CallGenerator = {
  module: 'validators',
  weight: 5,
  call({ random, people, chainId }) {
    const sender = random.pick(people);
    const voter = random.pick(people);
    if (random.oneIn(4)) {
      const message = encode(leaveValidatorsShape, { validator: voter.account });
      return { sender, messageId: messageIdOf('validators.leave'), message };
    }
    if (random.oneIn(6)) {
      const message = encode(unjailValidatorShape, { validator: voter.account });
      return { sender, messageId: messageIdOf('validators.unjail'), message };
    }
    const bytes = validatorSignBytes(chainId, random.oneIn(6) ? voter.account : sender.account);
    const signature = new Uint8Array(sign(null, bytes, voter.key));
    const consensusKey = { scheme: 'ed25519', publicKey: voter.publicKey, signature } as const;
    const message = encode(joinValidatorsShape, { consensusKey });
    return { sender, messageId: messageIdOf('validators.join'), message };
  },
};
