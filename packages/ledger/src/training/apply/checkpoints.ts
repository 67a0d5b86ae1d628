import { type AccountId, accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import { type Checkpoint, checkpoints } from '../checkpoint.ts';
import { trainingSlot } from '../clock.ts';
import { checkpointPosted, checkpointSigned } from '../events.ts';
import { LOSS_NOT_MEASURED } from '../limits.ts';
import { type PostCheckpoint, postCheckpointShape, signCheckpointShape } from '../messages/checkpoints.ts';
import { paidRounds, roundKey } from '../paid-round.ts';
import { runUnknown } from '../problems.ts';
import { type Run, runs } from '../run.ts';
import { CHECKPOINT_BYTES } from '../sizes.ts';

const isMaintainer = ({ maintainers }: Run, id: AccountId): boolean =>
  maintainers.some((other) => areBytesEqual(other, id));

export const postCheckpointMessage = defineMessage({
  id: 213,
  name: 'training.postCheckpoint',
  help: 'Names the files of the weights after a round, by the owner or a maintainer. Replaces what was posted of that round, until somebody signs it.',
  shape: postCheckpointShape,
  work: () => 10,
  apply(context, message) {
    const { state, sender } = context;
    const { run: id, round, manifest, gguf } = message;
    const run = runs.get(state, bytesToHex(id));
    if (run === undefined) return runUnknown(id);
    if (!areBytesEqual(run.owner, sender) && !isMaintainer(run, sender))
      return problem('NOT_MAINTAINER', 'Only the owner and the maintainers of a run post its checkpoints.');
    const known = readWeights(context, run, message);
    if ('code' in known) return known;
    const before = checkpoints.get(state, roundKey(id, round));
    if (before !== undefined && before.signers.length > 0)
      return problem(
        'CHECKPOINT_SIGNED',
        `The checkpoint after round ${round} is signed and stays as it is.`,
      );
    const deposit = recordDeposit(context, CHECKPOINT_BYTES);
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
    if (before !== undefined) releaseDeposit(context, before.poster, before.deposit);
    const posted: Checkpoint = {
      ...known,
      manifest,
      gguf,
      postedSlot: trainingSlot(state),
      poster: sender,
      signers: [],
      deposit,
    };
    checkpoints.set(state, roundKey(id, round), posted);
    checkpointPosted(context, id, round, posted);
    return null;
  },
});

/** Root and loss of the weights after a round, as long as the ledger knows them. */
function readWeights(
  { state }: MessageContext,
  run: Run,
  { run: id, round, root }: PostCheckpoint,
): Pick<Checkpoint, 'root' | 'evalLoss'> | TransactionProblem {
  const paid = paidRounds.get(state, roundKey(id, round));
  const isRollbackTarget = round === run.checkpointRound;
  const known = paid?.newRoot ?? (isRollbackTarget ? run.checkpointRoot : null);
  if (known === null) {
    return problem(
      'ROUND_UNKNOWN',
      `The ledger does not know the weights after round ${round}: it is not settled, or too long ago.`,
    );
  }
  if (areBytesEqual(known, root)) return { root, evalLoss: paid?.evalLoss ?? LOSS_NOT_MEASURED };
  return problem(
    'ROOT_OTHER',
    `The weights after round ${round} have root ${bytesToHex(known)}, not ${bytesToHex(root)}.`,
  );
}

export const signCheckpointMessage = defineMessage({
  id: 214,
  name: 'training.sign',
  help: "A maintainer's signature under the files of a checkpoint that it has checked.",
  shape: signCheckpointShape,
  work: () => 6,
  apply(context, { run: id, round, manifest, gguf }) {
    const { state, sender } = context;
    const run = runs.get(state, bytesToHex(id));
    if (run === undefined) return runUnknown(id);
    if (!isMaintainer(run, sender))
      return problem('NOT_MAINTAINER', `${accountIdToAddress(sender)} is no maintainer of this run.`);
    const posted = checkpoints.get(state, roundKey(id, round));
    if (posted === undefined)
      return problem('CHECKPOINT_UNKNOWN', `No checkpoint after round ${round} is posted.`);
    if (!areBytesEqual(posted.manifest, manifest) || !areBytesEqual(posted.gguf, gguf)) {
      return problem(
        'CHECKPOINT_OTHER',
        'What is posted names other files than those that are signed. Look at it again.',
      );
    }
    if (posted.signers.some((other) => areBytesEqual(other, sender)))
      return problem('ALREADY_SIGNED', 'This maintainer has signed that checkpoint.');
    const signed: Checkpoint = { ...posted, signers: [...posted.signers, sender] };
    checkpoints.set(state, roundKey(id, round), signed);
    checkpointSigned(context, id, round, signed, sender);
    return null;
  },
});
