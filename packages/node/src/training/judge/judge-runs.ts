import { areBytesEqual, bytesToHex, type Logger, addressToAccountId } from '@cairn/core';
import type { RunView } from '@cairn/protocol';
import { type AccountClient, createRunLedger } from '@cairn/sdk';
import { loadSkillModel } from '@cairn/training';
import { backgroundTask } from '../../roles/background-task.ts';
import type { NodeParts } from '../../roles/parts.ts';
import { followRun } from '../run/follow-run.ts';
import type { RunPlace } from '../run/run-place.ts';
import { createJudge } from './judge.ts';

export interface JudgeRunsOptions {
  readonly netuid: number;
  /** The hotkey of the validator. */
  readonly client: AccountClient;
  readonly place: RunPlace;
}

/** Runs are looked for so often. */
const LOOK_MS = 5_000;

/**
 * Judges every run of a subnet's owner on that subnet, and no other: nobody else can have the validators' machines
 * compute for them.
 */
export function startJudging(parts: NodeParts, log: Logger, options: JudgeRunsOptions): AsyncDisposable {
  const { netuid, client, place } = options;
  const ledger = createRunLedger({ ...parts, client });
  const following = new Map<string, AsyncDisposable>();
  const search = backgroundTask(log, 'judging runs', async (signal) => {
    while (!signal.aborted) {
      for (const run of await listRuns()) {
        const name = bytesToHex(run.id);
        if (!following.has(name)) following.set(name, follow(run, name));
      }
      await new Promise<void>((resolve) => {
        const stop = parts.timer.schedule(LOOK_MS, resolve);
        signal.addEventListener('abort', () => (stop(), resolve()), { once: true });
      });
    }
  });

  async function listRuns(): Promise<RunView[]> {
    const subnet = await parts.ledger.query<{ owner: string } | null>('subnets_get', { netuid });
    if (subnet === null) return [];
    const owner = addressToAccountId(subnet.owner);
    const all: RunView[] = [];
    for (let page = await ledger.runs(); page.length > 0; page = await ledger.runs(page.at(-1)!.id))
      all.push(...page);
    return all.filter(
      (run) => run.netuid === netuid && areBytesEqual(run.owner, owner) && run.phase !== 'ended',
    );
  }

  function follow(run: RunView, name: string): AsyncDisposable {
    return backgroundTask(log, 'judging a run', async (signal) => {
      const rate = await loadSkillModel();
      const open = async () => {
        const desk = await place.desk(ledger, name, log);
        return createJudge({ ledger, desk, records: place.records, random: parts.random, rate, log });
      };
      let judge: ReturnType<typeof createJudge> | null = null;
      await followRun(
        { ...parts, ledger, log },
        run.id,
        async (view) => {
          judge ??= await open();
          await judge.act(view, signal);
        },
        signal,
      );
    });
  }

  return {
    async [Symbol.asyncDispose]() {
      await search[Symbol.asyncDispose]();
      await Promise.all([...following.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
