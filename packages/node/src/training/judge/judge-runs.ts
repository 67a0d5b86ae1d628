import { addressToAccountId, areBytesEqual, bytesToHex, type Logger } from '@cairn/core';
import type { RunView } from '@cairn/protocol';
import { type AccountClient, createRunLedger } from '@cairn/sdk';
import { followRun, loadSkillModel } from '@cairn/training';
import type { NodeParts } from '../../roles/parts.ts';
import type { RunPlace } from '../run/run-place.ts';
import { watchRuns } from '../run/watch-runs.ts';
import { createJudge, type Judge } from './judge.ts';

export interface JudgeRunsOptions {
  readonly netuid: number;
  /** The hotkey of the validator. */
  readonly client: AccountClient;
  readonly place: RunPlace;
}

/**
 * Judges every run of a subnet's owner on that subnet, and no other: nobody else can have the validators' machines
 * compute for them.
 */
export function startJudging(parts: NodeParts, log: Logger, options: JudgeRunsOptions): AsyncDisposable {
  const { netuid, client, place } = options;
  const ledger = createRunLedger({ ...parts, client });

  async function isOwners(run: RunView): Promise<boolean> {
    if (run.netuid !== netuid) return false;
    const subnet = await parts.ledger.query<{ owner: string } | null>('subnets_get', { netuid });
    return subnet !== null && areBytesEqual(addressToAccountId(subnet.owner), run.owner);
  }

  return watchRuns(
    parts,
    log,
    { ledger, library: place.library, isWanted: isOwners },
    async (run, signal) => {
      const rate = await loadSkillModel();
      let judge: Judge | null = null;
      await followRun(
        { ...parts, ledger, log },
        run.id,
        async (view) => {
          // Nothing is loaded for a run that nobody trains.
          if (view.round === null && judge === null) return;
          if (judge === null) {
            const desk = await place.desk(ledger, bytesToHex(run.id), log);
            judge = createJudge({ ledger, desk, records: place.records, random: parts.random, rate, log });
          }
          await judge.act(view, signal);
        },
        signal,
      );
    },
  );
}
