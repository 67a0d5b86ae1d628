/**
 * Subnet templates: tasks, scoring, weights and the evidence that lets anyone re-derive them.
 *
 * @module
 */
export {
  type CronProblem,
  isSameSchedule,
  type ParsedCron,
  parseCron,
  type Schedule,
} from './crontab/cron.ts';
export { drawPhrase, type PhraseMix, type SchedulePhrase, UNSUPPORTED } from './crontab/generate.ts';
export {
  type CrontabMechanism,
  type CrontabParams,
  createCrontabMechanism,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
} from './crontab/mechanism.ts';
export {
  type CarriedScore,
  type CollectedAnswer,
  closeEpoch,
  drawEpochTasks,
  type EpochOutcome,
  type EpochPlan,
  type EpochScore,
  settleScores,
} from './epoch.ts';
export { MechanismError, type MechanismProblem } from './errors.ts';
export { auditBundle } from './evidence/audit.ts';
export type {
  AuditCode,
  AuditFinding,
  AuditParts,
  AuditReport,
  LedgerFacts,
  ReceiptClaim,
  ReceiptVerdict,
  SilenceClaim,
} from './evidence/audit-report.ts';

export {
  BUNDLE_VERSION,
  type EvidenceBundle,
  type EvidenceRow,
  MAX_RECEIPT_BYTES,
  openEvidence,
  sealEvidence,
} from './evidence/bundle.ts';

export { contradictionsOf } from './evidence/contradictions.ts';
export { evidenceKey, sealBytes } from './evidence/seal.ts';
export {
  DEFAULT_SCORING_RULES,
  type Marks,
  type ScoringRules,
  scoringRulesShape,
  shapeScores,
  type Weights,
} from './scoring/shape.ts';
export { createSeededRandom, type SeededRandom } from './seeded-random.ts';
export {
  commitSalt,
  createServiceRunner,
  MAX_RESPONSE_BYTES,
  type ServiceParts,
  type ServiceRunner,
  type ServiceTask,
} from './service-tasks.ts';
export {
  type Calibration,
  calibrate,
  calibrationShape,
  decodeCalibration,
  encodeCalibration,
  type HonestRun,
} from './verification/calibration.ts';
export { type Canary, type CanaryWishes, drawCanary } from './verification/canary.ts';
export {
  type CaseEvidence,
  type CaseLink,
  caseRevealShape,
  encodeCaseEvidence,
  floatToBits,
  MAX_CASE_BYTES,
  MAX_CASE_RECEIPTS,
  type OpenedAnswer,
  type OpenedEvidence,
  openCaseEvidence,
} from './verification/case-evidence.ts';
export {
  type AnswerCheck,
  type CheckCode,
  type CheckedReceipt,
  type CheckFinding,
  checkAnswer,
  type DisclosedAnswer,
} from './verification/check-answer.ts';
export { checkDrifts, type DriftCheck, MIN_COMPARED_ANSWERS } from './verification/check-drifts.ts';
export {
  type ChunkClaim,
  chunkCount,
  chunkLeaf,
  chunkPath,
  drawChunk,
  isChunkOf,
} from './verification/chunk-proof.ts';
export {
  commitHiddenStates,
  compareHiddenStates,
  type HiddenComparison,
  type HiddenLimits,
  isWithin,
  PAPER_LIMITS,
} from './verification/hidden-commitment.ts';
export { isShiftSignificant, shiftUp } from './verification/kolmogorov-smirnov.ts';
export { type AnswerMeasures, measureAnswer } from './verification/measure-answer.ts';
export { checkPace, MIN_PACED_ANSWERS, type PaceCheck, type PaceClaims } from './verification/pace.ts';
export {
  type AnswerVerdict,
  isEnoughToAccuse,
  type ReviewParts,
  reviewDisclosed,
} from './verification/review-disclosed.ts';
export {
  type CheckRates,
  FIRST_SUSPICION_PPM,
  isSelected,
  LEAST_RATE_PPM,
  MEASURED_RATES,
  PICKS_ONLY_RATES,
  updateSuspicion,
} from './verification/suspicion.ts';
