import { areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage } from '../../execution/message.ts';
import { keepRun, wakeRun } from '../agenda.ts';
import { runEnding } from '../events.ts';
import { endRunShape } from '../messages/runs.ts';
import { notRunOwner, runEnded, runUnknown } from '../problems.ts';
import { runs } from '../run.ts';

export const endRunMessage = defineMessage({
  id: 202,
  name: 'training.endRun',
  help: 'Ends a run, by its owner: the open round is finished and paid, no other is opened. Once every window is closed its bonds return, and what is left of the pool.',
  shape: endRunShape,
  work: () => 10,
  apply(context, { run: id }) {
    const run = runs.get(context.state, bytesToHex(id));
    if (run === undefined) return runUnknown(id);
    if (!areBytesEqual(run.owner, context.sender)) return notRunOwner(id, run.owner);
    if (run.isEnding) return runEnded(id);
    keepRun(context.state, id, { ...run, isEnding: true });
    if (run.phase === 'cooldown') wakeRun(context.state, id);
    runEnding(context, id);
    return null;
  },
});
