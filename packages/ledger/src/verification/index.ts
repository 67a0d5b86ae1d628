import { accuseMessage } from './apply/accuse.ts';
import { answerMessage } from './apply/answer.ts';
import { publishCalibrationMessage } from './apply/publish-calibration.ts';
import { supportMessage } from './apply/support.ts';
import { decideCases } from './decide-cases.ts';
import { calibrationsQuery, caseQuery, casesQuery, convictedQuery } from './query.ts';

/** Verdicts of validators on answers of providers, and the limits that answers are checked by. */
export const verificationModule = {
  name: 'verification',
  messages: [accuseMessage, supportMessage, answerMessage, publishCalibrationMessage],
  queries: [caseQuery, casesQuery, convictedQuery, calibrationsQuery],
  endBlock: decideCases,
} as const;
