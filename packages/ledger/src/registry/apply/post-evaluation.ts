import { areBytesEqual, bytesToHex, encode } from '@cairn/core';
import { holdDeposit, recordDeposit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { neurons, uids } from '../../subnets/state.ts';
import { noPermit, notRegistered } from '../../yuma/problems.ts';
import { isTask } from '../card.ts';
import { evaluationId, measurementShape } from '../evaluation.ts';
import { evaluationPosted } from '../events.ts';
import { postEvaluationShape } from '../messages/evaluations.ts';
import { EVALUATION_EXTRA_BYTES, evaluations, models } from '../state.ts';

export const postEvaluationMessage = defineMessage({
  id: 73,
  name: 'registry.postEvaluation',
  help: 'Says how many of so many trials of a task an artifact got right, as the sending validator measured; replaces what it said before.',
  shape: postEvaluationShape,
  work: () => 8,
  apply(context, { measurement }) {
    const { netuid, model: id, artifact, task, right, trials } = measurement;
    const uid = uids.get(context.state, netuid, context.sender);
    if (uid === undefined) return notRegistered(netuid, context.sender);
    if (!neurons.get(context.state, netuid, uid)!.permit) return noPermit(netuid, uid);
    if (!isTask(task))
      return problem('EVALUATION_INVALID', 'A task is named in lower-case letters, digits, dots and dashes.');
    if (trials === 0 || right > trials) {
      return problem(
        'EVALUATION_INVALID',
        `${right} of ${trials} trials cannot be right. Report at least one trial, and no more right than there were.`,
      );
    }
    const model = models.get(context.state, bytesToHex(id));
    if (model === undefined) return problem('MODEL_UNKNOWN', `No model ${bytesToHex(id)} is registered.`);
    if (!model.card.artifacts.some(({ sha256 }) => areBytesEqual(sha256, artifact))) {
      return problem('ARTIFACT_UNKNOWN', `Model ${model.card.name} has no artifact ${bytesToHex(artifact)}.`);
    }
    const validator = context.sender;
    const key = evaluationId(context.crypto, { model: id, artifact, task, validator });
    const earlier = evaluations.get(context.state, key);
    if (earlier !== undefined) releaseDeposit(context, validator, earlier.recordDeposit);
    const deposit = recordDeposit(
      context,
      encode(measurementShape, measurement).length + EVALUATION_EXTRA_BYTES,
    );
    const refused = holdDeposit(context, validator, deposit);
    if (refused !== null) return refused;
    const evaluation = { validator, measurement, slot: context.slot, recordDeposit: deposit };
    evaluations.set(context.state, key, evaluation);
    evaluationPosted(context, evaluation);
    return null;
  },
});
