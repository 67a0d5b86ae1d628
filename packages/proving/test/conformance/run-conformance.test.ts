import { fileURLToPath } from 'node:url';
import {
  CONFORMANCE_KINDS,
  loadConformanceCases,
  ProvingError,
  parseConformanceCases,
  runConformance,
} from '@cairn/proving';
import { describe, expect, it } from 'vitest';

const VECTORS = fileURLToPath(new URL('../vectors/', import.meta.url));

function aCase(overrides: Record<string, unknown> = {}): string {
  return JSON.stringify([
    {
      source: { test: 'a test' },
      kind: 'block_emission',
      input: { issuance_rao: '10500000000000000' },
      expected: 500_000_000,
      tolerance: 0,
      ...overrides,
    },
  ]);
}

describe('runConformance', () => {
  it('reproduces every figure of the vectors that are kept with the tests', async () => {
    const cases = (await loadConformanceCases([VECTORS])).filter(({ kind }) =>
      CONFORMANCE_KINDS.includes(kind),
    );
    const report = runConformance(cases);
    expect(report.failures).toEqual([]);
    expect(report.passed).toBe(cases.length);
    for (const file of ['block-emission', 'emission', 'epoch', 'math', 'pools', 'registration', 'shares']) {
      const inFile = cases.filter((conformanceCase) => conformanceCase.file === file);
      expect(inFile.length, `cases of ${file}`).toBeGreaterThan(4);
    }
  });

  it('covers the kinds of epochs, emission, prices, pools, shares, registration and fixed-point arithmetic', () => {
    expect(CONFORMANCE_KINDS).toEqual(
      expect.arrayContaining([
        'balancer_add_liquidity',
        'balancer_base_delta_in',
        'balancer_base_needed_for_quote',
        'balancer_exp',
        'balancer_init_price',
        'balancer_price',
        'balancer_quote_delta_in',
        'block_emission_DERIVED',
        'burn_price',
        'coinbase_injection',
        'col_normalize',
        'dividend_distribution_totals',
        'dividends_incentives_conservation',
        'exp_decay',
        'lock_roll_forward',
        'mat_ema_alpha',
        'max_amount_add',
        'max_amount_remove',
        'mechanism_emission_split',
        'median_subnet_price',
        'network_lock_cost',
        'neuron_to_prune',
        'normalize',
        'pow_normalize',
        'pow_ratio',
        'price_ema',
        'root_proportion',
        'row_normalize',
        'share_pool_ops',
        'share_pool_value',
        'sigmoid_safe',
        'subnet_shares',
        'swap_convert_deltas',
        'swap_exec',
        'vec_max_upscale_to_u16',
        'weighted_median',
        'weighted_median_col',
        'yuma2_active_stake_sequence',
        'yuma2_epoch_sequence',
        'yuma3_epoch_sequence',
        'yuma_epoch',
        'yuma_epoch_large',
      ]),
    );
  });

  it('fails a figure that is off by one and says what it is', () => {
    const report = runConformance(parseConformanceCases(aCase({ expected: 500_000_001 }), 'figures.json'));
    expect(report).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
    expect(report.failures).toEqual([
      {
        file: 'figures',
        index: 0,
        kind: 'block_emission',
        test: 'a test',
        differences: ['emission is 500000000, expected 500000001'],
      },
    ]);
  });

  it('accepts a figure within its tolerance', () => {
    const report = runConformance(
      parseConformanceCases(aCase({ expected: 500_000_001, tolerance: 1 }), 'figures.json'),
    );
    expect(report).toMatchObject({ passed: 1, failed: 0 });
  });

  it('skips unknown kinds and names them', () => {
    const report = runConformance(parseConformanceCases(aCase({ kind: 'tea_strength' }), 'figures.json'));
    expect(report).toEqual({
      passed: 0,
      failed: 0,
      skipped: 1,
      kinds: { tea_strength: { passed: 0, failed: 0, skipped: 1 } },
      failures: [],
    });
  });

  it('names scoring figures of mechanisms by file and function', () => {
    const text = JSON.stringify({
      source: 'x',
      vectors: [{ kind: 'literal', fn: 'crps', args: [], expect: 1 }],
    });
    const report = runConformance(parseConformanceCases(text, 'folder/synth.json'));
    expect(report.kinds).toEqual({ 'synth.crps': { passed: 0, failed: 0, skipped: 1 } });
  });

  it('fails a case whose input lacks a field, naming the field', () => {
    const report = runConformance(parseConformanceCases(aCase({ input: {} }), 'figures.json'));
    expect(report.failures[0]?.differences[0]).toContain('input.issuance_rao');
  });

  it('fails a quantity that no rule computes', () => {
    const text = aCase({
      kind: 'yuma_epoch',
      input: { stakes: [1], weights: [{}] },
      expected: { mood: [1] },
    });
    const report = runConformance(parseConformanceCases(text, 'figures.json'));
    expect(report.failures[0]?.differences).toEqual(['mood: no rule computes this quantity']);
  });
});

describe('loadConformanceCases', () => {
  it('names a path that cannot be read', async () => {
    const missing = `${VECTORS}does-not-exist.json`;
    const error = await loadConformanceCases([missing]).catch((problem: unknown) => problem);
    expect(error).toBeInstanceOf(ProvingError);
    expect(error).toMatchObject({ problem: { code: 'VECTORS_UNREADABLE', path: missing } });
  });

  it.each([
    ['not JSON', '[1,', 'it is not JSON'],
    ['another shape', '{"a":1}', 'neither a list of cases'],
    ['a case without kind', '[{"input":1,"expected":1}]', 'case 0 has no kind'],
    ['a case without input', '[{"kind":"a","expected":1}]', 'case 0 (a) has no input'],
    ['a case without expected', '[{"kind":"a","input":1}]', 'case 0 (a) has no expected'],
    ['a negative tolerance', '[{"kind":"a","input":1,"expected":1,"tolerance":-1}]', 'tolerance of case 0'],
  ])('names a file that holds %s', (_, text, reason) => {
    expect(() => parseConformanceCases(text, 'folder/broken.json')).toThrowError(
      new RegExp(`folder/broken\\.json.*${reason.replaceAll(/[()]/g, '\\$&')}`),
    );
  });

  it('keeps whole numbers beyond 2^53 exact', () => {
    const [first] = parseConformanceCases(
      '[{"kind":"a","input":18446744073709551615,"expected":1}]',
      'a.json',
    );
    expect(first?.input).toBe('18446744073709551615');
  });
});

describe('epoch cases', () => {
  const subnet = { stakes: [6, 4, 0, 0], validators: [0, 1], servers: [2, 3], kappa_u16: 32_767 };

  it('read weights of a list of validators, of all uids and of a map alike', () => {
    const expected = { incentive: [0, 0, 20_479, 45_055], validator_trust: [65_535, 32_767] };
    const maps = [
      { 2: 1, 3: 3 },
      { 2: 3, 3: 1 },
    ];
    for (const weights of [
      maps,
      [...maps, {}, {}],
      { 0: maps[0], 1: maps[1] },
      [
        [1, 3],
        [3, 1],
      ],
      [
        [0, 0, 1, 3],
        [0, 0, 3, 1],
      ],
    ]) {
      const text = aCase({ kind: 'yuma_epoch', input: { ...subnet, weights }, expected });
      const report = runConformance(parseConformanceCases(text, 'figures.json'));
      expect(report.failures, JSON.stringify(weights)).toEqual([]);
    }
  });

  it('honour permits, inactivity, the owner and the kind of bonds', () => {
    const weights = [{ 2: 1, 3: 3 }, { 2: 3, 3: 1 }, {}, {}];
    const figures: [Record<string, unknown>, Record<string, unknown>][] = [
      [{ inactive: [0] }, { consensus: [0, 0, 49_151, 16_383] }],
      [{ max_validators: 1 }, { new_permits: [1, 0, 0, 0] }],
      [{ max_validators: 1, owner: 3 }, { new_permits: [1, 0, 0, 1] }],
      [{ stake_threshold: 5 }, { dividends: [65_535, 0, 0, 0] }],
      [
        { yuma3: false, liquid_alpha: true },
        // Of the largest: 4 to 6, a hair below two thirds since each step rounds down, and 1 to 4.5.
        {
          bonds: [
            [65_535, 65_535],
            [43_689, 14_563],
          ],
        },
      ],
    ];
    for (const [fields, expected] of figures) {
      const input = { ...subnet, ...fields, weights };
      const report = runConformance(
        parseConformanceCases(aCase({ kind: 'yuma_epoch', input, expected }), 'a.json'),
      );
      expect(report.failures, JSON.stringify(fields)).toEqual([]);
    }
  });
});

describe('pool cases', () => {
  const pool = { tao_reserve: 1_000_000, alpha_reserve: 1_000_000, quote_weight: 0.5, fee_rate_u16: 33 };
  const differencesOf = (kind: string, input: Record<string, unknown>, expected: unknown, tolerance = 0) => {
    const text = aCase({ kind, input: { ...pool, ...input }, expected, tolerance });
    return runConformance(parseConformanceCases(text, 'a.json')).failures.flatMap(
      ({ differences }) => differences,
    );
  };

  it('read a weight as a number or as a fraction', () => {
    const reserves = { alpha_reserve: 4, tao_reserve: 10 };
    for (const quote_weight of ['1/3', 0.333_333_333_333_333_3]) {
      expect(differencesOf('balancer_price', { ...reserves, quote_weight }, 5, 1e-10)).toEqual([]);
    }
  });

  it('tell a refusal from a figure', () => {
    const below = { limit_price_rao: 900_000_000 };
    expect(differencesOf('max_amount_add', below, { error: 'PriceLimitExceeded' })).toEqual([]);
    expect(differencesOf('max_amount_add', below, 5)).toEqual([
      'refused with PriceLimitExceeded, expected a figure',
    ]);
    expect(differencesOf('max_amount_remove', below, { error: 'PriceLimitExceeded' })).toEqual([
      'result is 54119, expected PriceLimitExceeded',
    ]);
  });

  it('fail a side that is neither buying nor selling', () => {
    const [difference] = differencesOf('swap_exec', { side: 'hold', amount_in: 1 }, { fee: 0 });
    expect(difference).toContain('input.side');
  });
});
