import { bytes32, choice, struct, u8, u16, u32, type ValueOf } from '@cairn/core';
import { VERDICTS } from '../case.ts';

/** Sent by anybody, with a deposit. */
export const challengeStepShape = struct('ChallengeStep', {
  run: bytes32,
  round: u32,
  place: u16,
  step: u16,
  evidence: bytes32,
});
export type ChallengeStep = ValueOf<typeof challengeStepShape>;

/** Sent by a hotkey that judges the case. The latest word counts while the case is open. */
export const judgeStepShape = struct('JudgeStep', {
  run: bytes32,
  case: u32,
  verdict: choice('verdict', VERDICTS, u8),
});
export type JudgeStep = ValueOf<typeof judgeStepShape>;

/** Sent by the wallet or the device of the convicted seat. */
export const appealStepShape = struct('AppealStep', { run: bytes32, case: u32 });
export type AppealStep = ValueOf<typeof appealStepShape>;
