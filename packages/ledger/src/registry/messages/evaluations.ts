import { struct, type ValueOf } from '@cairn/core';
import { evaluationKeyShape, measurementShape } from '../evaluation.ts';

export const postEvaluationShape = struct('PostEvaluation', { measurement: measurementShape });
export type PostEvaluation = ValueOf<typeof postEvaluationShape>;

export const withdrawEvaluationShape = evaluationKeyShape;
export type WithdrawEvaluation = ValueOf<typeof withdrawEvaluationShape>;
