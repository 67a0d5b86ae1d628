import type { RunPlan } from '@cairn/training';
import { expect, it } from 'vitest';
import { createConfig } from '../../../src/config/config.ts';
import { engineOf, openChosenEngine } from '../../../src/training/run/engine-choice.ts';

const model = {
  ...({ architecture: 'llama', layers: 1, width: 16, heads: 2, kvHeads: 2, hidden: 32 } as const),
  ...{ vocab: 32, context: 16, tied: true },
};
const plan = { manifest: { model, batch: { rows: 2, length: 16 } }, isExact: false } as unknown as RunPlan;

async function classWith(flags: Record<string, string>): Promise<string> {
  await using engine = await openChosenEngine(plan, engineOf(createConfig({ flags }).settings));
  return engine.engineClass;
}

it('computes with as many threads as the settings say', async () => {
  expect(await classWith({ trainingThreads: '1' })).toContain('/threads=1/');
  expect(await classWith({ trainingThreads: '3' })).toContain('/threads=3/');
});
