import { describe, expect, it } from 'vitest';
import type { TensorShape, TrainingBatch, TrainingEngine } from '../../src/index.ts';

/** An engine with parameters that fit it, and batches of its shape over its vocabulary. */
export interface TrainingEngineCase extends AsyncDisposable {
  readonly engine: TrainingEngine;
  readonly parameters: Map<string, Float32Array>;
  /** Equal seeds give equal batches. All weights are one. */
  batch(seed: number): TrainingBatch;
}

const sizeOf = ({ shape }: TensorShape): number => shape.reduce((product, size) => product * size, 1);

const codeOf = (action: Promise<unknown>): Promise<unknown> =>
  action.then(
    () => 'nothing was thrown',
    (error: { code?: unknown }) => error.code,
  );

/** The bits of a step, as text that compares whole. */
function bitsOf(step: { loss: number; gradients: ReadonlyMap<string, Float32Array> }): string[] {
  const bits = (values: Float32Array): string =>
    new Uint32Array(values.slice().buffer).reduce((text, word) => `${text}${word.toString(36)} `, '');
  return [...step.gradients].map(([name, values]) => `${name} ${bits(values)}`).concat(String(step.loss));
}

/** What every training engine promises through the port; run by each of them. */
export function describeTrainingEngine(name: string, make: () => Promise<TrainingEngineCase>): void {
  describe(`training engine compliance: ${name}`, () => {
    it('has one gradient of the right size for each of its tensors, in their order', async () => {
      await using given = await make();
      const { gradients } = await given.engine.step(given.parameters, given.batch(1));
      const sizes = [...gradients].map(([tensor, values]) => [tensor, values.length]);
      expect(sizes).toEqual(given.engine.tensors.map((tensor) => [tensor.name, sizeOf(tensor)]));
    });

    it('gives the same bits for the same inputs, after others came between', async () => {
      await using given = await make();
      const { engine, parameters, batch } = given;
      const first = bitsOf(await engine.step(parameters, batch(1)));
      const between = bitsOf(await engine.step(parameters, batch(2)));
      expect(between).not.toEqual(first);
      expect(bitsOf(await engine.step(parameters, batch(1)))).toEqual(first);
    });

    it('has the same loss with gradients and without', async () => {
      await using given = await make();
      const { engine, parameters, batch } = given;
      const { loss } = await engine.step(parameters, batch(1));
      expect(await engine.loss(parameters, batch(1))).toBeCloseTo(loss, 4);
    });

    it('leaves positions of weight zero out, and counts weights by their share', async () => {
      await using given = await make();
      const { engine, parameters } = given;
      const batch = given.batch(1);
      const half = batch.weights.map((_, at) => (at % 2 === 0 ? 1 : 0));
      const loss = await engine.loss(parameters, { ...batch, weights: half });
      const targets = batch.targets.map((target, at) => (at % 2 === 0 ? target : batch.targets[0]!));
      expect(await engine.loss(parameters, { ...batch, weights: half, targets })).toBeCloseTo(loss, 5);
      const other = await engine.loss(parameters, { ...batch, weights: half.map((weight) => 1 - weight) });
      const threefold = half.map((weight) => (weight === 1 ? 3 : 1));
      const mixed = await engine.loss(parameters, { ...batch, weights: threefold });
      expect(mixed).toBeCloseTo((3 * loss + other) / 4, 4);
    });

    it('looks at no position that is still to come', async () => {
      await using given = await make();
      const { engine, parameters } = given;
      const batch = given.batch(1);
      const isEarly = (_: unknown, at: number): boolean => at % batch.length < batch.length / 2;
      const weights = batch.weights.map((weight, at) => (isEarly(weight, at) ? 1 : 0));
      const loss = await engine.loss(parameters, { ...batch, weights });
      const ids = batch.ids.map((id, at) => (isEarly(id, at) ? id : batch.ids[0]!));
      expect(await engine.loss(parameters, { ...batch, ids, weights })).toBeCloseTo(loss, 5);
    });

    it('sees parameters that changed in place, changes none itself, and its gradient leads down', async () => {
      await using given = await make();
      const { engine, parameters, batch } = given;
      const before = new Map([...parameters].map(([tensor, values]) => [tensor, values.slice()]));
      const { loss, gradients } = await engine.step(parameters, batch(1));
      expect(parameters).toEqual(before);
      const square = [...gradients.values()].reduce(
        (sum, values) => sum + values.reduce((part, value) => part + value * value, 0),
        0,
      );
      const step = (0.01 * loss) / square;
      for (const [tensor, gradient] of gradients) {
        const values = parameters.get(tensor)!;
        for (let at = 0; at < values.length; at += 1) values[at] = values[at]! - step * gradient[at]!;
      }
      const drop = loss - (await engine.loss(parameters, batch(1)));
      // To first order the loss falls by one per cent.
      expect(drop / (0.01 * loss)).toBeGreaterThan(0.7);
      expect(drop / (0.01 * loss)).toBeLessThan(1.3);
    });

    it('refuses what does not fit, with a code, and goes on', async () => {
      await using given = await make();
      const { engine, parameters } = given;
      const batch = given.batch(1);
      const first = engine.tensors[0]!.name;
      const less = new Map([...parameters].filter(([tensor]) => tensor !== first));
      const longer = new Map(parameters).set(first, new Float32Array(parameters.get(first)!.length + 1));
      const bad: [string, Promise<unknown>][] = [
        ['BATCH_MALFORMED', engine.step(parameters, { ...batch, rows: batch.rows + 1 })],
        ['BATCH_MALFORMED', engine.step(parameters, { ...batch, ids: batch.ids.subarray(1) })],
        ['BATCH_MALFORMED', engine.step(parameters, { ...batch, ids: batch.ids.map(() => -1) })],
        ['BATCH_MALFORMED', engine.loss(parameters, { ...batch, targets: batch.targets.map(() => 2 ** 30) })],
        ['BATCH_MALFORMED', engine.loss(parameters, { ...batch, weights: batch.weights.map(() => 0) })],
        [
          'BATCH_MALFORMED',
          engine.step(parameters, { ...batch, weights: batch.weights.map(() => Number.NaN) }),
        ],
        ['TENSOR_MISMATCH', engine.step(less, batch)],
        ['TENSOR_MISMATCH', engine.loss(longer, batch)],
      ];
      for (const [code, action] of bad) expect(await codeOf(action)).toBe(code);
      expect((await engine.step(parameters, batch)).loss).toBeGreaterThan(0);
    });

    it('says NaN where the model is broken, and not a number that looks like a loss', async () => {
      await using given = await make();
      const { engine, parameters, batch } = given;
      parameters.get(engine.tensors[0]!.name)!.fill(Number.NaN);
      expect((await engine.step(parameters, batch(1))).loss).toBeNaN();
    });

    it('names a class that another one like it has too, and equal classes of exact engines give equal bits', async () => {
      await using one = await make();
      await using other = await make();
      expect(other.engine.engineClass).toBe(one.engine.engineClass);
      expect(one.engine.engineClass).not.toBe('');
      const bits = bitsOf(await one.engine.step(one.parameters, one.batch(1)));
      const again = bitsOf(await other.engine.step(other.parameters, other.batch(1)));
      expect(again.length).toBe(bits.length);
      if (one.engine.isExact) expect(again).toEqual(bits);
    });
  });
}
