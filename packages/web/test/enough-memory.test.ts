import { expect, it } from 'vitest';
import { findShortage } from '../src/train/worker/enough-memory.ts';

const GIB = 2 ** 30;
const aForecast = (gib: number) => ({
  ...{ parameters: gib * GIB, gradients: 0, moments: 0, activations: 0, runtime: 0, kept: 0 },
  ...{ largest: GIB, total: gib * GIB },
});

it('refuses a run that the device has no memory for, with both figures and what to do', () => {
  const found = findShortage(aForecast(3), 2);
  expect(found).toMatchObject({ needsBytes: 3 * GIB, hasBytes: 2 * GIB });
  expect(found!.text).toBe(
    'Training this run needs about 3.22 GB of memory, and this device has 2.15 GB. Use a device with more memory.',
  );
});

it('refuses what no program in a browser can hold, however much the device has', () => {
  expect(findShortage(aForecast(5), 8)!.text).toMatch(
    /5.37 GB.*a program in a browser can hold 4.29 GB.*train join/,
  );
});

it('lets in what fits, and what a browser says nothing of', () => {
  expect(findShortage(aForecast(1), 2)).toBeNull();
  expect(findShortage(aForecast(3), undefined)).toBeNull();
});

it('takes the most that browsers tell for any amount above', () => {
  expect(findShortage({ ...aForecast(3), total: 20 * GIB }, 8)).toBeNull();
});
