import { appealMessage } from './apply/appeal.ts';
import { challengeMessage } from './apply/challenge.ts';
import { postCheckpointMessage, signCheckpointMessage } from './apply/checkpoints.ts';
import { commitScoresMessage } from './apply/commit-scores.ts';
import { commitUpdateMessage } from './apply/commit-update.ts';
import { createRunMessage } from './apply/create-run.ts';
import { endRunMessage } from './apply/end-run.ts';
import { fundRunMessage } from './apply/fund-run.ts';
import { joinRunMessage } from './apply/join-run.ts';
import { judgeMessage } from './apply/judge.ts';
import { leaveRunMessage } from './apply/leave-run.ts';
import { revealScoresMessage } from './apply/reveal-scores.ts';
import { settleRoundMessage } from './apply/settle.ts';
import { witnessMessage } from './apply/witness.ts';
import { advanceTrainingClock } from './clock.ts';
import { explainQuery } from './explain.ts';
import {
  casesOfRunQuery,
  checkpointQuery,
  checkpointsQuery,
  paidRoundQuery,
  roundQuery,
  runQuery,
  runsQuery,
  seatQuery,
  seatsQuery,
} from './query.ts';
import { moveRuns } from './run-due.ts';

/** Training runs: who trains in which round, what came of it, what it pays, and who cheated. */
export const trainingModule = {
  name: 'training',
  messages: [
    createRunMessage,
    fundRunMessage,
    endRunMessage,
    joinRunMessage,
    leaveRunMessage,
    commitUpdateMessage,
    witnessMessage,
    commitScoresMessage,
    revealScoresMessage,
    settleRoundMessage,
    challengeMessage,
    judgeMessage,
    appealMessage,
    postCheckpointMessage,
    signCheckpointMessage,
  ],
  queries: [
    runsQuery,
    runQuery,
    roundQuery,
    paidRoundQuery,
    explainQuery,
    seatQuery,
    seatsQuery,
    casesOfRunQuery,
    checkpointQuery,
    checkpointsQuery,
  ],
  beginBlock: advanceTrainingClock,
  endBlock: moveRuns,
} as const;
