import { bytesToHex } from '@cairn/core';
import { debit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { keepRun, wakeRun } from '../agenda.ts';
import { runFunded } from '../events.ts';
import { fundRunShape } from '../messages/runs.ts';
import { runEnded, runUnknown } from '../problems.ts';
import { runs } from '../run.ts';

export const fundRunMessage = defineMessage({
  id: 201,
  name: 'training.fund',
  help: 'Puts money into the pool that the rounds of a run are paid from. Anybody may; what is left at its end goes to its owner.',
  shape: fundRunShape,
  work: () => 10,
  apply(context, { run: id, amount }) {
    const run = runs.get(context.state, bytesToHex(id));
    if (run === undefined) return runUnknown(id);
    if (run.isEnding) return runEnded(id);
    if (amount === 0n) return problem('AMOUNT_ZERO', 'The pool needs an amount above zero.');
    const refused = debit(context, context.sender, amount, 'training.fund');
    if (refused !== null) return refused;
    keepRun(context.state, id, { ...run, pool: run.pool + amount });
    if (run.phase === 'cooldown') wakeRun(context.state, id);
    runFunded(context, id, context.sender, amount);
    return null;
  },
});
