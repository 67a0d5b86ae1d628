/** Times training steps of the native engine: gradients, clip, AdamW. Takes and prints what the Python program does. */
import { createAdamw, type ModelConfig } from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';

/** The argument, as JSON. */
export interface StepsAsked {
  readonly model: ModelConfig;
  readonly rows: number;
  readonly length: number;
  readonly threads: number;
  readonly steps: number;
}

/** What is printed, as JSON. */
export interface StepsTimed {
  readonly stepMs: readonly number[];
  /** The most memory the process had. */
  readonly peakBytes: number;
}

const asked = JSON.parse(process.argv[2]!) as StepsAsked;
const { model, rows, length, threads, steps } = asked;
await using engine = await createNativeEngine({ model, rows, length, threads });
const random = (below: number): number => Math.floor(Math.random() * below);
const parameters = new Map(
  engine.tensors.map(({ name, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const draw = (): number => (shape.length === 1 ? 1 : (Math.random() - 0.5) * 0.07);
    return [name, Float32Array.from({ length: size }, draw)];
  }),
);
const adamw = createAdamw(engine.tensors);
const positions = rows * length;
const stepMs: number[] = [];
for (let step = 0; step < steps; step += 1) {
  const ids = Int32Array.from({ length: positions }, () => random(model.vocab));
  const targets = Int32Array.from({ length: positions }, () => random(model.vocab));
  const weights = new Float32Array(positions).fill(1);
  const start = performance.now();
  const { gradients } = await engine.step(parameters, { rows, length, ids, targets, weights });
  adamw.update(parameters, gradients, 1e-3);
  stepMs.push(performance.now() - start);
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ stepMs, peakBytes } satisfies StepsTimed));
