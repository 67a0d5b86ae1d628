import { portableCosine } from './portable-math.ts';

export interface ScheduleOptions {
  readonly kind: 'cosine' | 'wsd' | 'constant';
  /** The highest learning rate. */
  readonly peak: number;
  /** Where cosine and wsd end, as a share of the peak. @default 0 */
  readonly minimum?: number;
  /** Steps over which the rate rises from zero in equal parts. @default 0 */
  readonly warmup?: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** wsd: the share of the steps at the end over which the rate falls in equal parts. @default 0.2 */
  readonly decayShare?: number;
}

/**
 * The learning rate of a step, counted from 0: a warm-up, then half a wave down (`cosine`), a plateau and a straight
 * fall (`wsd`: warm up, stay, decay) or a plateau (`constant`). Portable: the same bits in every engine.
 */
export function learningRateAt(options: ScheduleOptions, step: number): number {
  const { kind, peak, minimum = 0, warmup = 0, steps, decayShare = 0.2 } = options;
  if (step < warmup) return (peak * (step + 1)) / warmup;
  if (kind === 'constant') return peak;
  const start = kind === 'cosine' ? warmup : steps - Math.round((steps - warmup) * decayShare);
  const span = Math.max(1, steps - start);
  const done = Math.min(1, Math.max(0, (step - start) / span));
  const share = kind === 'cosine' ? 0.5 * (1 + portableCosine(Math.PI * done)) : 1 - done;
  return peak * (minimum + (1 - minimum) * share);
}
