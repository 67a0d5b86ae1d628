import { problem, type Verdict } from '../execution/message.ts';
import type { StateView } from '../state/view.ts';
import { moduleOf, pausedUntil } from './pauses.ts';

/** Refuses a message while its module is paused. */
export function modulePaused(view: StateView, message: string): Verdict {
  const module = moduleOf(message);
  const until = pausedUntil(view, module);
  if (until === null) return null;
  return problem(
    'MODULE_PAUSED',
    `Module ${module} is paused until slot ${until} by an emergency vote, so ${message} is refused. Send it after that.`,
  );
}
