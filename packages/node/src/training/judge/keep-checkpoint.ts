import { bytesToHex, CairnError, type Logger } from '@cairn/core';
import type { RoundView } from '@cairn/protocol';
import type { RunDesk } from '@cairn/training';

export interface CheckpointKeeperParts {
  readonly desk: RunDesk;
  readonly log: Logger;
}

/**
 * Keeps the pages of the ledger's checkpoint, and of the one before it, so that whoever comes can begin from them and a
 * run can go back to them, whether or not its owner is still there. What fails is tried again in the next round.
 */
export function createCheckpointKeeper({ desk, log }: CheckpointKeeperParts) {
  let kept = 0;
  let triedIn = 0;
  return async ({ run, roster }: Pick<RoundView, 'run' | 'roster'>): Promise<void> => {
    const { checkpointRound: round, checkpointRoot, keptRound, phase } = run;
    // Between rounds and while others train: in the other phases validators have no time to lose.
    const isBusy = phase === 'show' || phase === 'settle';
    if (isBusy || round === 0 || round === kept || run.round === triedIn) return;
    triedIn = run.round;
    const peers = roster.map(({ peer }) => peer);
    try {
      await desk.once(`checkpoint ${round}`, async () => {
        await desk.bring(run, checkpointRoot, peers);
        await desk.shelve(bytesToHex(checkpointRoot), { round, use: 'checkpoints' });
      });
      // After a restart it is not known which was the one before: then what the ledger still leads on from is kept.
      const before = kept > 0 ? kept : Math.min(round, keptRound - 1);
      await desk.library.forget(desk.name, 'checkpoints', before);
      kept = round;
      log.info('checkpoint kept', { run: desk.name, round });
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      const reason = error.message.slice(0, 300);
      log.warn('the pages of a checkpoint are not kept here', {
        run: desk.name,
        round,
        code: error.code,
        reason,
      });
    }
  };
}
