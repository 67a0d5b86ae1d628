/**
 * Pre-training models together: rounds, updates, scores, checkpoints and the formats they are kept in. This door opens
 * in Node and in browsers; what needs Node (native engines, files) is behind `@cairn/training/node`.
 */
export { TrainingError, type TrainingProblem } from './errors.ts';
