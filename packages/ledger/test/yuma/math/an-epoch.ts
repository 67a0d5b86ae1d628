import {
  DEFAULT_EPOCH_PARAMETERS,
  type EpochInput,
  type EpochParameters,
  type SparseRow,
} from '@cairn/ledger';
import fc from 'fast-check';

const SLOT = 10_000;

/** A row from `{uid: u16}`; zeros stay as explicit zeros. */
export function aRow(values: Readonly<Record<number, number>>): SparseRow {
  const uids = Object.keys(values).map(Number);
  return { uids: Uint16Array.from(uids), values: Uint16Array.from(uids, (uid) => values[uid]!) };
}

/** An epoch in which every uid is active, was registered long ago and holds a permit. */
export function anEpoch(
  overrides: Partial<Omit<EpochInput, 'parameters'>> & { parameters?: Partial<EpochParameters> },
): EpochInput {
  const n = overrides.stakes?.length ?? 0;
  return {
    slot: SLOT,
    lastEpochSlot: SLOT - 360,
    ownerUid: null,
    stakes: [],
    permits: new Uint8Array(n).fill(1),
    lastUpdate: new Float64Array(n).fill(SLOT - 10),
    registeredAt: new Float64Array(n),
    earliestCommit: null,
    weights: new Array<null>(n).fill(null),
    bonds: new Array<null>(n).fill(null),
    emission: 1_000_000_000n,
    ...overrides,
    parameters: { ...DEFAULT_EPOCH_PARAMETERS, ...overrides.parameters },
  };
}

const u16 = fc.oneof(fc.constantFrom(0, 1, 65_535), fc.integer({ min: 0, max: 65_535 }));

function sparseRows(n: number): fc.Arbitrary<(SparseRow | null)[]> {
  const row = fc.uniqueArray(fc.integer({ min: 0, max: n - 1 }), { maxLength: n }).chain((uids) =>
    fc.array(u16, { minLength: uids.length, maxLength: uids.length }).map(
      (values): SparseRow => ({
        uids: Uint16Array.from(uids.toSorted((a, b) => a - b)),
        values: Uint16Array.from(values),
      }),
    ),
  );
  return fc.array(fc.oneof({ weight: 4, arbitrary: row }, fc.constant(null)), { minLength: n, maxLength: n });
}

const parameters: fc.Arbitrary<EpochParameters> = fc.record({
  yumaVersion: fc.constantFrom(2 as const, 3 as const),
  kappaU16: fc.oneof(fc.constantFrom(0, 32_767, 65_535), u16),
  bondsPenaltyU16: fc.oneof(fc.constantFrom(0, 65_535), u16),
  bondsMovingAveragePpm: fc.oneof(fc.constantFrom(900_000, 975_000), fc.integer({ min: 0, max: 1_000_000 })),
  liquidAlpha: fc.option(
    fc.record({
      lowU16: fc.integer({ min: 0, max: 30_000 }),
      highU16: fc.integer({ min: 30_000, max: 65_535 }),
      steepnessCenti: fc.oneof(fc.constant(1_000), fc.integer({ min: 0, max: 10_000 })),
    }),
    { nil: null },
  ),
  maxValidators: fc.integer({ min: 0, max: 12 }),
  activityCutoffSlots: fc.constant(5_000),
  stakeThreshold: fc.constantFrom(0n, 1_000n),
  stakeCapBps: fc.oneof(fc.constantFrom(0, 8_800, 10_000), fc.integer({ min: 0, max: 10_000 })),
  trustedDividendsBps: fc.oneof(fc.constantFrom(0, 10_000), fc.integer({ min: 0, max: 10_000 })),
});

/** Epochs of up to ten uids with every mask in play. */
export const epochs: fc.Arbitrary<EpochInput> = fc.integer({ min: 1, max: 10 }).chain((n) => {
  const list = <T>(entry: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(entry, { minLength: n, maxLength: n });
  const slots = fc.oneof(
    { weight: 6, arbitrary: fc.constant(SLOT - 10) },
    fc.constantFrom(0, SLOT - 5_001, SLOT - 5_000, SLOT - 360, SLOT),
    fc.integer({ min: 0, max: SLOT }),
  );
  return fc.record({
    parameters,
    slot: fc.constant(SLOT),
    lastEpochSlot: fc.constant(SLOT - 360),
    ownerUid: fc.option(fc.integer({ min: 0, max: n - 1 }), { nil: null }),
    stakes: list(fc.oneof(fc.constantFrom(0n, 1n, 1_000n), fc.bigInt({ min: 0n, max: 21n * 10n ** 15n }))),
    permits: list(fc.constantFrom(1, 1, 1, 0)).map((values) => Uint8Array.from(values)),
    lastUpdate: list(slots).map((values) => Float64Array.from(values)),
    registeredAt: list(fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, slots)).map((values) =>
      Float64Array.from(values),
    ),
    earliestCommit: fc.option(
      list(fc.oneof(fc.constant(Infinity), slots)).map((values) => Float64Array.from(values)),
      { nil: null },
    ),
    weights: sparseRows(n),
    bonds: sparseRows(n),
    emission: fc.bigInt({ min: 0n, max: 10n ** 15n }),
  });
});
