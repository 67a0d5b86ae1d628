import { describe, expect, it } from 'vitest';
import { compare, leaseCost, referenceCost } from '../../src/compute/compare-costs.ts';
import { REFERENCE_PRICES } from '../../src/compute/reference-prices.ts';

const workload = { calls: 1_000_000, cpuMs: 100, memoryMib: 1024, inputKib: 1 };
const lease = { perSlot: 0n, perRequest: 100n, inputPerMillion: 10_000_000n, outputPerMillion: 100_000_000n };

describe('the comparison of costs', () => {
  it.each([
    ['AWS Lambda, x86, us-east-1', 0.2 + 100_000 * 0.0000166667],
    ['Google Cloud Run, by request, tier 1', 0.4 + 100_000 * (0.000024 + 0.0000025)],
    ['Cloudflare Workers, standard', 0.3 + 100_000 * 0.00002],
  ])('reckons %s by its list price', (name, dollars) => {
    const price = REFERENCE_PRICES.find((one) => one.name === name)!;
    expect(referenceCost(price, workload)).toBeCloseTo(dollars, 9);
  });

  it('reckons a lease as its receipts would, with the slots of being ready', () => {
    // 100 for the call, 10 for a KiB, 10,000 for 100 ms.
    expect(leaseCost(lease, workload, 0)).toBe(10_110_000_000n);
    expect(leaseCost({ ...lease, perSlot: 7n }, workload, 10)).toBe(10_110_000_070n);
    expect(leaseCost(lease, { ...workload, calls: 1, cpuMs: 0.2 }, 0)).toBe(210n);
  });

  it('says by how much, and does not hide when it is more', () => {
    const [reference] = REFERENCE_PRICES;
    const { cheaperBy, cairnUsd } = compare(reference!, workload, lease, { slots: 0, usdPerCairn: 0.02 });
    expect(cairnUsd).toBeCloseTo(0.2022, 6);
    expect(cheaperBy).toBeCloseTo((1.86667 - 0.2022) / 1.86667, 6);
    expect(compare(reference!, workload, lease, { slots: 0, usdPerCairn: 1 }).cheaperBy).toBeLessThan(-4);
  });

  it('names a source and a date for every price', () => {
    for (const { source, readOn, name } of REFERENCE_PRICES) {
      expect(source, name).toMatch(/^https:\/\//);
      expect(readOn, name).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });
});
