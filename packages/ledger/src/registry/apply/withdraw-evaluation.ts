import { areBytesEqual, bytesToHex } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { evaluationId } from '../evaluation.ts';
import { evaluationWithdrawn } from '../events.ts';
import { withdrawEvaluationShape } from '../messages/evaluations.ts';
import { evaluations, isModelRegistered } from '../state.ts';

export const withdrawEvaluationMessage = defineMessage({
  id: 74,
  name: 'registry.withdrawEvaluation',
  help: "Takes a validator's measurement back and returns its deposit. One of a retired model anyone may clear away: the deposit goes to the validator.",
  shape: withdrawEvaluationShape,
  work: () => 5,
  apply(context, key) {
    const id = evaluationId(context.crypto, key);
    const evaluation = evaluations.get(context.state, id);
    if (evaluation === undefined) {
      return problem(
        'EVALUATION_UNKNOWN',
        `This validator has measured nothing of model ${bytesToHex(key.model)} in ${key.task}.`,
      );
    }
    const isOwn = areBytesEqual(evaluation.validator, context.sender);
    if (!isOwn && isModelRegistered(context.state, key.model)) {
      return problem(
        'NOT_VALIDATOR',
        `Only who measured it can withdraw it while model ${bytesToHex(key.model)} is registered.`,
      );
    }
    evaluations.delete(context.state, id);
    releaseDeposit(context, evaluation.validator, evaluation.recordDeposit);
    evaluationWithdrawn(context, evaluation);
    return null;
  },
});
