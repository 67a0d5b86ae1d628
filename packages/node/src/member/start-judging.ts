import type { AccountClient } from '@cairn/sdk';
import { startJudging } from '../training/judge/judge-runs.ts';
import type { RunPlace } from '../training/run/run-place.ts';
import { openMemberRuns } from './open-member-runs.ts';

/** Has a validator that joined a network judge the training runs that name it, with a library and threads of its own. */
export function startMemberJudging(
  place: Parameters<typeof openMemberRuns>[0],
  { name, client }: { readonly name: string; readonly client: AccountClient },
  stack: AsyncDisposableStack,
): RunPlace {
  const runs = stack.use(openMemberRuns(place));
  stack.use(startJudging(place.parts, place.parts.log.child(name), { client, place: runs }));
  return runs;
}
