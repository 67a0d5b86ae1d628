import { bytesToHex } from '@cairn/core';
import type { RunReader, RunView } from '@cairn/protocol';
import { createAccountClient, createRunReader } from '@cairn/sdk';
import { openRoleKey } from '../data/role-keys.ts';
import { NodeError } from '../errors.ts';
import { startTrainerRole } from '../roles/trainer-role.ts';
import { checkChoice, engineOf } from '../training/run/engine-choice.ts';
import { fundedClient, type MemberOptions, type MemberPlace, type StartedRole } from './member-place.ts';
import { openMemberRuns } from './open-member-runs.ts';

/** Name of the role that trains. */
const TRAINER = 'trainer';

/**
 * Trains in one run. The wallet puts up the bond and is paid; the machine has a key of its own, so that many machines
 * of one wallet can train.
 *
 * @throws NodeError `RUN_UNKNOWN`, `RUN_MALFORMED`, `NO_FUNDS`; TrainingError `ROUND_UNUSABLE` for an engine that is not of the run
 */
export async function startMemberTrainer(
  place: MemberPlace,
  stack: AsyncDisposableStack,
  { run: named, beforeBond, onTraining }: MemberOptions,
): Promise<StartedRole> {
  const { parts, folder, settings, onStep } = place;
  const key = await openRoleKey(folder, parts.crypto, TRAINER, 'coldkey');
  const { signer } = await openRoleKey(folder, parts.crypto, TRAINER, 'hotkey');
  const run = await findRun(createRunReader(parts.ledger), named);
  const choice = engineOf(settings);
  checkChoice(run, choice);
  const wallet = await fundedClient(place, key);
  const device = createAccountClient({ crypto: parts.crypto, signer, ledger: parts.ledger });
  const held = stack.use(openMemberRuns(place));
  const role = stack.use(
    await startTrainerRole(parts, {
      ...{ name: TRAINER, run: bytesToHex(run.id), wallet, device, place: held },
      ...(beforeBond === undefined ? {} : { beforeBond }),
      ...(onTraining === undefined ? {} : { onProgress: onTraining }),
    }),
  );
  onStep({ step: 'trains', run: role.run, name: run.name });
  return { role, gateway: null, key, library: held.library };
}

/** @throws NodeError `RUN_UNKNOWN` that says how to name one */
async function findRun(reader: RunReader, named: string | undefined): Promise<RunView> {
  const fits: RunView[] = [];
  for (let page = await reader.runs(); page.length > 0; page = await reader.runs(page.at(-1)!.id))
    for (const run of page)
      if (named === undefined ? run.phase !== 'ended' : bytesToHex(run.id).startsWith(named)) fits.push(run);
  const [run] = fits;
  if (run !== undefined && fits.length === 1) return run;
  const what = named === undefined ? 'open training runs' : `training runs whose id begins with ${named}`;
  throw new NodeError(
    { code: 'RUN_UNKNOWN', run: named ?? '' },
    `There are ${fits.length} ${what}. Name one by its id; ./cairn train list shows all.`,
  );
}
