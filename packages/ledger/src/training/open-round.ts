import { bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { epochs } from '../yuma/state.ts';
import { EMPTY_BITMAP } from './bitmap.ts';
import { trainingSlot } from './clock.ts';
import { trainSlotsOf } from './deadlines.ts';
import { coolingDown, roundOpened } from './events.ts';
import { readJudges } from './judges.ts';
import { MAX_UNVESTED_ROUNDS } from './limits.ts';
import { isLastDone } from './roll-back.ts';
import { type Round, rounds } from './round.ts';
import { type CooldownReason, members, type Run } from './run.ts';
import { roundSeed, shuffle } from './seeds.ts';

const NO_SEED = new Uint8Array(32);

/**
 * Opens the next round of a run in cooldown if it has trainers, validators and money; says why if not.
 *
 * Cost: the neurons of the subnet and the stake of its permit holders, and two hashes for each seat.
 */
export function openRound(context: BlockContext, id: Uint8Array, run: Run): Run {
  const { state, crypto } = context;
  const hex = bytesToHex(id);
  const { active, arrivals } = members.get(state, hex)!;
  const { terms } = run;
  const epoch = epochs.get(state, run.netuid);
  if (epoch === undefined || run.isEnding) return coolDown(context, id, { ...run, isEnding: true }, 'ending');
  if (isLastDone(run)) return coolDown(context, id, run, 'roundsDone');
  if (run.round - run.unvestedRound >= MAX_UNVESTED_ROUNDS) return coolDown(context, id, run, 'windowsOpen');
  if (active.length < terms.minTrainers) return coolDown(context, id, run, 'tooFewTrainers');
  if (run.pool < terms.rewardPerRound) return coolDown(context, id, run, 'poolEmpty');
  const judges = readJudges(context, run.netuid);
  if (judges.length === 0) return coolDown(context, id, run, 'noJudges');

  const seed = roundSeed(crypto, { run: id, round: run.round, epochSeed: epoch.seed, mix: run.mix });
  const roster = shuffle(crypto, seed, 'roster', active).slice(0, terms.maxTrainers + terms.reserves);
  const now = trainingSlot(state);
  const opened: Round = {
    round: run.round,
    seed,
    mixedSalts: Math.max(epoch.mixedSalts, run.mixedSalts),
    scoreSeed: NO_SEED,
    startSlot: now,
    deadlineSlot: now + trainSlotsOf(terms, arrivals),
    baseRoot: run.root,
    dataStart: run.dataStart,
    halvings: run.halvings,
    reward: terms.rewardPerRound,
    roster,
    witnesses: [],
    judges,
    committed: EMPTY_BITMAP,
    counted: EMPTY_BITMAP,
    witnessed: EMPTY_BITMAP,
    found: roster.map(() => 0),
    scored: 0,
    revealed: 0,
    voted: 0,
  };
  rounds.set(state, hex, opened);
  roundOpened(context, id, opened);
  const pool = run.pool - terms.rewardPerRound;
  return { ...run, phase: 'train', reason: 'none', pool };
}

function coolDown(context: BlockContext, id: Uint8Array, run: Run, reason: CooldownReason): Run {
  if (run.reason !== reason) coolingDown(context, id, run, reason);
  return { ...run, phase: 'cooldown', reason };
}
