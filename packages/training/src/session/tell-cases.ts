import { bytesToHex, type Logger } from '@cairn/core';
import type { CaseView, RoundView } from '@cairn/protocol';

export interface CaseTellerParts {
  /** Open cases of the run. */
  readonly cases: () => Promise<readonly CaseView[]>;
  /** Number of the seat that this machine has, or had last. */
  readonly seat: () => Promise<number>;
  readonly log: Logger;
}

export interface CaseTeller {
  /** @throws CairnError for what is worth another try */
  look(view: RoundView): Promise<void>;
}

/**
 * Says when an update of this machine is judged again and when it is convicted: an appeal has a deadline, and a person
 * decides on it. Cases are asked for when the run has a new one, and while one of this machine is open.
 */
export function createCaseTeller({ cases, seat, log }: CaseTellerParts): CaseTeller {
  const told = new Set<string>();
  let seen = 0;
  let isOwnOpen = false;
  return {
    async look({ run }) {
      if (run.cases === seen && !isOwnOpen) return;
      const [open, number] = await Promise.all([cases(), seat()]);
      const own = open.filter((each) => each.seat === number);
      seen = run.cases;
      isOwnOpen = own.length > 0;
      for (const { number: at, phase, round, place, deadlineSlot } of own) {
        if (told.has(`${at} ${phase}`)) continue;
        told.add(`${at} ${phase}`);
        const about = {
          ...{ run: bytesToHex(run.id), case: at, round, place },
          deadlineSlot: deadlineSlot.toString(),
        };
        if (phase === 'convicted')
          log.warn('this machine is convicted unless it appeals: train appeal', about);
        // Some are drawn in every run.
        else log.info('validators make an update of this machine again', about);
      }
    },
  };
}
