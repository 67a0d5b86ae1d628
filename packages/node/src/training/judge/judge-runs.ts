import { addressToAccountId, areBytesEqual, bytesToHex, type Logger } from '@cairn/core';
import type { RunView } from '@cairn/protocol';
import { type AccountClient, createRunLedger } from '@cairn/sdk';
import { followRun, loadSkillModel } from '@cairn/training';
import type { NodeParts } from '../../roles/parts.ts';
import type { RunPlace } from '../run/run-place.ts';
import { watchRuns } from '../run/watch-runs.ts';
import { createJudge, type Judge } from './judge.ts';

export interface JudgeRunsOptions {
  /** The hotkey of the validator. */
  readonly client: AccountClient;
  readonly place: RunPlace;
}

/**
 * Judges the runs whose rounds or open cases name this validator as a judge: whether it has a permit is known to the
 * ledger alone. Only runs of their subnet's owner: nobody else can have the validators' machines compute for them.
 *
 * Cost: two queries for each open run that does not name it, every five seconds; nothing is loaded until one does.
 */
export function startJudging(parts: NodeParts, log: Logger, options: JudgeRunsOptions): AsyncDisposable {
  const { client, place } = options;
  const ledger = createRunLedger({ ...parts, client });
  const hasOwn = (judges: readonly { readonly hotkey: Uint8Array }[]) =>
    judges.some(({ hotkey }) => areBytesEqual(hotkey, ledger.hotkey));

  async function isJudge(run: RunView): Promise<boolean> {
    const view = await ledger.round(run.id);
    if (view !== null && view.round !== null && hasOwn(view.round.judges)) return true;
    return (await ledger.cases(run.id)).some(({ judges }) => hasOwn(judges));
  }

  async function isOwners({ netuid, owner }: RunView): Promise<boolean> {
    const subnet = await parts.ledger.query<{ owner: string } | null>('subnets_get', { netuid });
    return subnet !== null && areBytesEqual(addressToAccountId(subnet.owner), owner);
  }

  const isWanted = async (run: RunView) => (await isJudge(run)) && (await isOwners(run));

  return watchRuns(parts, log, { ledger, library: place.library, isWanted }, async (run, signal) => {
    const rate = await loadSkillModel();
    let judge: Judge | null = null;
    await followRun(
      { ...parts, ledger, log },
      run.id,
      async (view) => {
        if (judge === null) {
          const desk = await place.desk(ledger, bytesToHex(run.id), log);
          judge = createJudge({ ledger, desk, records: place.records, random: parts.random, rate, log });
        }
        await judge.act(view, signal);
      },
      signal,
    );
  });
}
