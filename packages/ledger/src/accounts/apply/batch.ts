import { nestedNonce } from '../../execution/calls.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { batchShape } from '../messages/batch.ts';

export const batchMessage = defineMessage({
  id: 3,
  name: 'accounts.batch',
  help: 'Runs several messages of the sender in order: all, or none when one is refused.',
  shape: batchShape,
  work: ({ calls: batch }, calls) => batch.reduce((work, call) => work + calls.workOf(call), 1),
  apply(context, { calls: batch }) {
    const { sender, nonce, crypto, calls } = context;
    if (batch.length === 0) return problem('BATCH_EMPTY', 'A batch needs at least one call.');
    for (const [index, call] of batch.entries()) {
      const own = nestedNonce(crypto, sender, nonce, BigInt(index));
      const refused = calls.run(context, call, { sender, nonce: own });
      if (refused !== null)
        return problem(refused.code, `Call ${index + 1} of ${batch.length}: ${refused.message}`);
    }
    return null;
  },
});
