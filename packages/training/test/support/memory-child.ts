/** Trains two steps at the shape in its argument and tells how much more memory the process had at its peak. */
import { createAdamw, type MemoryForecast, type ModelConfig } from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';
import { someBatch, someTensors } from './models.ts';

export interface MeasuredMemory {
  readonly forecast: MemoryForecast;
  readonly usedBytes: number;
}

interface Shape {
  readonly width: number;
  readonly hidden: number;
  readonly layers: number;
  readonly vocab: number;
  readonly rows: number;
  readonly length: number;
}

const { rows, length, ...size } = JSON.parse(process.argv[2]!) as Shape;
const heads = { heads: 4, kvHeads: 4 };
const model: ModelConfig = { architecture: 'llama', ...heads, context: length, tied: true, ...size };

// What the program itself takes is not the forecast's.
const before = process.memoryUsage().rss;
await using engine = await createNativeEngine({ model, rows, length, threads: 2 });
const parameters = someTensors(engine.inputs, 1, 0.05);
const adamw = createAdamw(engine.tensors);
for (const seed of [1, 2]) {
  const { gradients } = await engine.step(
    parameters,
    someBatch({ rows, length, vocab: model.vocab }, { seed }),
  );
  adamw.update(parameters, gradients, 1e-3);
}
const usedBytes = process.resourceUsage().maxRSS * 1024 - before;
process.stdout.write(JSON.stringify({ forecast: engine.memory, usedBytes } satisfies MeasuredMemory));
