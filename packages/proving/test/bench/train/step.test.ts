import { benchSteps, type StepBenchOptions } from '@cairn/proving';
import { describe, expect, it } from 'vitest';

const SMALL: StepBenchOptions = {
  ...{ runs: 1, steps: 2, threads: [1], rows: 2, length: 8 },
  model: {
    architecture: 'llama',
    ...{ layers: 1, width: 16, heads: 2, kvHeads: 2 },
    ...{ hidden: 24, vocab: 32, context: 8, tied: true },
  },
};

const python = process.env.CAIRN_PYTHON;

describe('the bench of training steps', () => {
  it('times the native engine, and says why it is compared with nothing', async () => {
    const { figures, skipped } = await benchSteps(SMALL);
    expect(figures.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      'step.native.1 ms',
      'memory.native.1 MiB',
    ]);
    for (const { name, value } of figures) expect(value, name).toBeGreaterThan(0);
    expect(skipped).toMatch(/no Python was named/);
  });

  it('says that a program has no PyTorch', async () => {
    const { skipped } = await benchSteps({ ...SMALL, python: process.execPath });
    expect(skipped).toMatch(/has no PyTorch: pip install torch/);
  });
});

if (python) {
  it('compares with PyTorch by turns', async () => {
    const { figures, skipped } = await benchSteps({ ...SMALL, python });
    expect(skipped).toBe(null);
    expect(figures.map(({ name }) => name)).toEqual([
      ...['step.native.1', 'step.torch.1', 'step.ratio.1'],
      ...['memory.native.1', 'memory.torch.1', 'memory.ratio.1'],
    ]);
    expect(figures.find(({ name }) => name === 'step.ratio.1')?.target).toBe(1.1);
  });
}
