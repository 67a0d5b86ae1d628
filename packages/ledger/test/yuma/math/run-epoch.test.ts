import {
  type EpochInput,
  type EpochOutput,
  HYPERPARAMETERS,
  resetBonds,
  runEpoch,
  type SparseRow,
} from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEpoch, aRow, epochs } from './an-epoch.ts';
import { denseBonds, oracleEpoch } from './epoch-oracle.ts';

const total = (values: BigInt64Array): bigint => values.reduce((sum, value) => sum + value, 0n);

/** Two validators with 6 and 4 of stake, two miners. */
function aSubnet(overrides: Parameters<typeof anEpoch>[0] = {}): EpochInput {
  return anEpoch({
    stakes: [6n, 4n, 0n, 0n],
    weights: [aRow({ 2: 1, 3: 3 }), aRow({ 2: 3, 3: 1 }), null, null],
    ...overrides,
  });
}

function expectEqualEpochs(actual: EpochOutput, input: EpochInput): void {
  const expected = oracleEpoch(input);
  expect({
    newPermits: [...actual.newPermits],
    consensus: [...actual.consensus],
    incentive: [...actual.incentive],
    dividends: [...actual.dividends],
    validatorTrust: [...actual.validatorTrust],
    bonds: denseBonds(actual.bonds),
    serverEmission: [...actual.serverEmission],
    validatorEmission: [...actual.validatorEmission],
    emission: [...actual.emission],
  }).toEqual(expected);
}

describe('runEpoch', () => {
  it('equals a bigint epoch bit by bit, with every mask and parameter in play', () => {
    fc.assert(
      fc.property(epochs, (input) => {
        expectEqualEpochs(runEpoch(input), input);
      }),
      { numRuns: 500 },
    );
  });

  it('equals the bigint epochs over a sequence that carries bonds and permits', () => {
    fc.assert(
      fc.property(epochs, (first) => {
        let input = first;
        for (let epoch = 0; epoch < 5; epoch += 1) {
          const output = runEpoch(input);
          expectEqualEpochs(output, input);
          input = { ...input, bonds: output.bonds, permits: output.newPermits };
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never hands out more than the emission, and loses at most a millionth and one pebble a neuron', () => {
    fc.assert(
      fc.property(epochs, (input) => {
        const output = runEpoch(input);
        const paid = total(output.serverEmission) + total(output.validatorEmission);
        expect(paid).toBeLessThanOrEqual(input.emission);
        expect(total(output.emission)).toBeLessThanOrEqual(input.emission);
        const hasStake = Array.from(input.stakes).some(
          (stake, uid) => stake > 0n && (stake >= input.parameters.stakeThreshold || uid === input.ownerUid),
        );
        const lost = input.emission / 1_000_000n + 2n * BigInt(input.stakes.length);
        if (hasStake) expect(paid).toBeGreaterThanOrEqual(input.emission - lost);
      }),
    );
  });

  it('hands out shares of incentive and of dividends that sum to one or to nothing', () => {
    fc.assert(
      fc.property(epochs, (input) => {
        const output = runEpoch(input);
        for (const shares of [output.incentive, output.dividends]) {
          const sum = shares.reduce((a, b) => a + b, 0);
          if (sum > 0) expect(65_535 - sum).toBeLessThanOrEqual(input.stakes.length + 1);
          expect(sum).toBeLessThanOrEqual(65_535);
        }
      }),
    );
  });

  it('does not change its input', () => {
    fc.assert(
      fc.property(epochs, (input) => {
        const before = structuredClone(input);
        runEpoch(input);
        expect(input).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  it('treats a missing weight as an explicit zero', () => {
    fc.assert(
      fc.property(epochs, (input) => {
        const n = input.stakes.length;
        const filled = input.weights.map((row): SparseRow => {
          const values = new Uint16Array(n);
          row?.uids.forEach((uid, k) => {
            values[uid] = row.values[k]!;
          });
          return { uids: Uint16Array.from(values.keys()), values };
        });
        expect(runEpoch({ ...input, weights: filled })).toEqual(runEpoch(input));
      }),
      { numRuns: 100 },
    );
  });

  it('is the same subnet under other uids', () => {
    fc.assert(
      fc.property(epochs, fc.infiniteStream(fc.nat()), (input, keys) => {
        const n = input.stakes.length;
        // Which of two equal stakes gets the last permit depends on the uid, and is tested below.
        const roomy = { ...input, parameters: { ...input.parameters, maxValidators: n } };
        const order = Array.from({ length: n }, (_, uid) => ({ uid, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key || a.uid - b.uid)
          .map(({ uid }) => uid);
        const original = runEpoch(roomy);
        const permuted = runEpoch(permute(roomy, order));
        for (const name of ['consensus', 'incentive', 'dividends', 'validatorTrust', 'newPermits'] as const) {
          expect([...permuted[name]], name).toEqual(order.map((uid) => original[name][uid]));
        }
        for (const name of ['serverEmission', 'validatorEmission', 'emission'] as const) {
          expect([...permuted[name]], name).toEqual(order.map((uid) => original[name][uid]));
        }
        const bonds = denseBonds(original.bonds);
        expect(denseBonds(permuted.bonds)).toEqual(order.map((i) => order.map((j) => bonds[i]![j])));
      }),
      { numRuns: 100 },
    );
  });

  it('does not care about the scale of a row of weights', () => {
    fc.assert(
      fc.property(epochs, fc.integer({ min: 1, max: 9 }), (input, factor) => {
        const scale = (by: number): EpochInput => ({
          ...input,
          weights: input.weights.map((row) =>
            row === null ? null : { uids: row.uids, values: row.values.map((value) => (value % 7_000) * by) },
          ),
        });
        expect(runEpoch(scale(factor))).toEqual(runEpoch(scale(1)));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the rules of an epoch', () => {
  it('clip weights to what the majority of stake supports', () => {
    const { consensus, incentive, validatorTrust } = runEpoch(aSubnet());
    expect([...consensus]).toEqual([0, 0, 16_383, 49_151]);
    // Ranks 0.25 and 0.6 · 0.75 + 0.4 · 0.25 = 0.55: shares 5/16 and 11/16.
    expect([...incentive]).toEqual([0, 0, 20_479, 45_055]);
    expect([...validatorTrust]).toEqual([65_535, 32_767, 0, 0]);
  });

  it('ignore weights to oneself, except the owner', () => {
    const weights = [aRow({ 0: 65_535 }), null, null, null];
    expect([...runEpoch(aSubnet({ stakes: [5n, 0n, 0n, 0n], weights })).incentive]).toEqual([0, 0, 0, 0]);
    expect([...runEpoch(aSubnet({ stakes: [5n, 0n, 0n, 0n], weights, ownerUid: 0 })).incentive]).toEqual([
      65_535, 0, 0, 0,
    ]);
  });

  it('ignore weights set or committed before the miner was registered', () => {
    const registeredAt = Float64Array.of(0, 0, 9_990, 0);
    expect(runEpoch(aSubnet({ registeredAt })).incentive[2]).toBe(0);
    const earliestCommit = Float64Array.of(9_000, Infinity, Infinity, Infinity);
    const sniped = runEpoch(
      aSubnet({
        registeredAt: Float64Array.of(0, 0, 9_500, 0),
        earliestCommit,
        weights: [aRow({ 2: 1, 3: 3 }), null, null, null],
      }),
    );
    expect([...sniped.incentive]).toEqual([0, 0, 0, 65_535]);
  });

  it('give inactive validators and those without a permit no say', () => {
    const inactive = runEpoch(aSubnet({ lastUpdate: Float64Array.of(4_999, 9_990, 9_990, 9_990) }));
    expect([...inactive.active]).toEqual([0, 1, 1, 1]);
    expect([...inactive.consensus]).toEqual([0, 0, 49_151, 16_383]);
    const unpermitted = runEpoch(aSubnet({ permits: Uint8Array.of(0, 1, 1, 1) }));
    expect([...unpermitted.consensus]).toEqual([0, 0, 49_151, 16_383]);
    expect(unpermitted.validatorTrust[0]).toBe(0);
  });

  it('pay validators by stake when nobody earned anything', () => {
    const { serverEmission, validatorEmission, emission } = runEpoch(
      aSubnet({ weights: [null, null, null, null] }),
    );
    expect(total(serverEmission)).toBe(0n);
    expect([...validatorEmission]).toEqual([599_999_999n, 399_999_999n, 0n, 0n]);
    expect([...emission]).toEqual([...validatorEmission]);
  });

  it('give permits to the largest stakes, of equals to the higher uid, and always to the owner', () => {
    const permits = (maxValidators: number, ownerUid: number | null): number[] => [
      ...runEpoch(anEpoch({ stakes: [5n, 5n, 9n, 0n], ownerUid, parameters: { maxValidators } })).newPermits,
    ];
    expect(permits(2, null)).toEqual([0, 1, 1, 0]);
    expect(permits(4, null)).toEqual([1, 1, 1, 0]);
    expect(permits(1, 3)).toEqual([0, 0, 1, 1]);
    expect(permits(0, null)).toEqual([0, 0, 0, 0]);
  });

  it('count stake below the threshold as none, except the owner', () => {
    const parameters = { stakeThreshold: 5n };
    expect([...runEpoch(aSubnet({ parameters })).newPermits]).toEqual([1, 0, 0, 0]);
    expect([...runEpoch(aSubnet({ parameters, ownerUid: 1 })).newPermits]).toEqual([1, 1, 0, 0]);
  });

  it('forget bonds to miners who were registered since the last epoch', () => {
    const bonds = [aRow({ 2: 65_535, 3: 65_535 }), null, null, null];
    const weights = [aRow({ 2: 0, 3: 0 }), null, null, null];
    const registeredAt = Float64Array.of(0, 0, 9_640, 9_639);
    const output = runEpoch(aSubnet({ bonds, weights, registeredAt }));
    expect(denseBonds(output.bonds)[0]).toEqual([0, 0, 0, 58_981]);
  });

  it('let an old bond decay when the weight is left out under liquid alpha', () => {
    const liquidAlpha = { lowU16: 6_553, highU16: 19_660, steepnessCenti: 1_000 };
    const bonds = [aRow({ 2: 60_000, 3: 60_000 }), null, null, null];
    const output = runEpoch(
      aSubnet({ bonds, weights: [aRow({ 3: 1 }), null, null, null], parameters: { liquidAlpha } }),
    );
    const kept = denseBonds(output.bonds)[0]![2]!;
    expect(kept).toBeGreaterThan(40_000);
    expect(kept).toBeLessThan(60_000);
  });
});

describe('rules at the ends of what an owner may set', () => {
  const { alphaSteepness } = HYPERPARAMETERS;
  it.each([alphaSteepness.min, 6_399n, 6_400n, alphaSteepness.max])(
    'run with a steepness of %s hundredths',
    (steepness) => {
      const liquidAlpha = { lowU16: 1, highU16: 65_535, steepnessCenti: Number(steepness) };
      const bonds = [aRow({ 2: 65_535, 3: 1 }), aRow({ 2: 1, 3: 65_535 }), null, null];
      const input = aSubnet({ parameters: { liquidAlpha }, bonds });
      const output = runEpoch(input);
      expectEqualEpochs(output, input);
      expect(total(output.emission) <= input.emission).toBe(true);
    },
  );
});

describe('resetBonds', () => {
  it('removes one miner from every row and leaves the others', () => {
    const rows = [aRow({ 2: 5, 3: 7 }), aRow({ 3: 9 }), null, aRow({})];
    expect(resetBonds(rows, 3)).toEqual([aRow({ 2: 5 }), aRow({}), null, aRow({})]);
    expect(rows[0]).toEqual(aRow({ 2: 5, 3: 7 }));
  });
});

function permute(input: EpochInput, order: readonly number[]): EpochInput {
  const place = new Map(order.map((uid, index) => [uid, index]));
  const row = (sparse: SparseRow | null): SparseRow | null => {
    if (sparse === null) return null;
    const pairs = [...sparse.uids]
      .map((uid, k) => [place.get(uid)!, sparse.values[k]!] as const)
      .sort(([a], [b]) => a - b);
    return {
      uids: Uint16Array.from(pairs, ([uid]) => uid),
      values: Uint16Array.from(pairs, ([, value]) => value),
    };
  };
  const numbers = (values: Float64Array): Float64Array => Float64Array.from(order, (uid) => values[uid]!);
  return {
    ...input,
    ownerUid: input.ownerUid === null ? null : place.get(input.ownerUid)!,
    stakes: order.map((uid) => input.stakes[uid]!),
    permits: Uint8Array.from(order, (uid) => input.permits[uid]!),
    lastUpdate: numbers(input.lastUpdate),
    registeredAt: numbers(input.registeredAt),
    earliestCommit: input.earliestCommit === null ? null : numbers(input.earliestCommit),
    weights: order.map((uid) => row(input.weights[uid]!)),
    bonds: order.map((uid) => row(input.bonds[uid]!)),
  };
}
