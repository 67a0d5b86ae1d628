import { MechanismError } from '../errors.ts';

/**
 * Commitments to the last hidden layer of an answer, after TOPLOC (Ong and others 2025, "TOPLOC: A Locality Sensitive
 * Hashing Scheme for Trustless Verifiable Inference", arXiv 2501.16007): of each 32 tokens the 128 values largest in
 * magnitude, as a polynomial through (index, bits of the value), in 258 bytes. Written anew from the paper's description.
 */
const COMMITTED_VALUES = 128;
const TOKENS_PER_COMMITMENT = 32;
/** A prime above the bits of every finite bfloat16. */
const PRIME = 65_497;
/** Most values of one commitment that are looked at: 32 tokens of a hidden layer 16,384 wide. */
const MAX_VALUES = TOKENS_PER_COMMITMENT * 16_384;

/** How far a commitment may be from the reviewer's own states. To be calibrated for each artifact and engine. */
export interface HiddenLimits {
  readonly mostExponentMismatches: number;
  readonly mostMeanError: number;
  readonly mostMedianError: number;
}

/** Limits that the paper uses for bfloat16 and 128 values. Not measured here: no engine of this build shows states. */
export const PAPER_LIMITS: HiddenLimits = {
  mostExponentMismatches: 38,
  mostMeanError: 10,
  mostMedianError: 8,
};

export interface HiddenComparison {
  /** Of the reviewer's largest values, those whose sign or exponent the commitment has otherwise. */
  readonly exponentMismatches: number;
  /** |difference of mantissa|, of 128, over the others. Infinite when there are none. */
  readonly meanError: number;
  readonly medianError: number;
}

/**
 * One commitment for each 32 tokens of an answer.
 *
 * Cost: sorting 32 x width numbers and 128^2 multiplications each.
 *
 * @param states last hidden layer at each token of the answer. Shape [tokens, width].
 * @throws MechanismError `STATES_INVALID`
 */
export function commitHiddenStates(states: readonly Float32Array[]): Uint8Array[] {
  return groupsOf(states).map((values) => {
    const largest = largestOf(values);
    const modulus = injectiveModulus(largest);
    const points = largest.map((at): [number, number] => [at % modulus, bitsOf(values[at]!)]);
    const coefficients = interpolate(points);
    const bytes = new Uint8Array(2 * (1 + coefficients.length));
    const view = new DataView(bytes.buffer);
    for (const [at, word] of [modulus, ...coefficients].entries()) view.setUint16(2 * at, word, true);
    return bytes;
  });
}

/**
 * Compares commitments with the reviewer's own states, which it has from one prefill pass.
 *
 * @returns one comparison for each; null when the commitments are not those of so many tokens, or malformed
 * @throws MechanismError `STATES_INVALID` when the reviewer's own states are unusable
 */
export function compareHiddenStates(
  commitments: readonly Uint8Array[],
  states: readonly Float32Array[],
): HiddenComparison[] | null {
  const groups = groupsOf(states);
  if (commitments.length !== groups.length) return null;
  const comparisons = groups.map((values, at) => compareOne(commitments[at]!, values));
  return comparisons.every((comparison) => comparison !== null) ? comparisons : null;
}

export const isWithin = (comparison: HiddenComparison, limits: HiddenLimits): boolean =>
  comparison.exponentMismatches <= limits.mostExponentMismatches &&
  comparison.meanError <= limits.mostMeanError &&
  comparison.medianError <= limits.mostMedianError;

function compareOne(commitment: Uint8Array, values: Float32Array): HiddenComparison | null {
  const largest = largestOf(values);
  if (commitment.length !== 2 * (1 + largest.length)) return null;
  const view = new DataView(commitment.buffer, commitment.byteOffset, commitment.length);
  const modulus = view.getUint16(0, true);
  const coefficients = largest.map((_, at) => view.getUint16(2 * (at + 1), true));
  if (modulus === 0 || modulus > PRIME || coefficients.some((word) => word >= PRIME)) return null;
  const errors: number[] = [];
  for (const at of largest) {
    const [own, told] = [bitsOf(values[at]!), evaluate(coefficients, at % modulus)];
    if (own >> 7 === told >> 7) errors.push(Math.abs((own & 127) - (told & 127)));
  }
  errors.sort((a, b) => a - b);
  const sum = errors.reduce((total, error) => total + error, 0);
  return {
    exponentMismatches: largest.length - errors.length,
    meanError: errors.length === 0 ? Number.POSITIVE_INFINITY : sum / errors.length,
    medianError: errors[errors.length >> 1] ?? Number.POSITIVE_INFINITY,
  };
}

/** The values of each 32 tokens in one row. */
function groupsOf(states: readonly Float32Array[]): Float32Array[] {
  const width = states[0]?.length ?? 0;
  const isSound =
    width > 0 &&
    width * TOKENS_PER_COMMITMENT <= MAX_VALUES &&
    states.every((state) => state.length === width && state.every(Number.isFinite));
  if (!isSound) {
    throw new MechanismError(
      { code: 'STATES_INVALID', tokens: states.length, width },
      `Hidden states of ${states.length} tokens and width ${width} cannot be committed to: they must be finite numbers, ` +
        'the same count for each token.',
    );
  }
  return Array.from({ length: Math.ceil(states.length / TOKENS_PER_COMMITMENT) }, (_, group) => {
    const own = states.slice(group * TOKENS_PER_COMMITMENT, (group + 1) * TOKENS_PER_COMMITMENT);
    const values = new Float32Array(own.length * width);
    for (const [at, state] of own.entries()) values.set(state, at * width);
    return values;
  });
}

/** Places of the values largest in magnitude, the earlier of equals first. */
function largestOf(values: Float32Array): number[] {
  const places = Array.from({ length: values.length }, (_, at) => at);
  places.sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  return places.slice(0, COMMITTED_VALUES);
}

/** The largest modulus up to the prime that keeps the places apart. */
function injectiveModulus(places: readonly number[]): number {
  for (let modulus = PRIME; modulus > places.length; modulus -= 1)
    if (new Set(places.map((place) => place % modulus)).size === places.length) return modulus;
  throw new MechanismError(
    { code: 'STATES_INVALID', tokens: places.length, width: 0 },
    'No modulus keeps the places of the largest values apart.',
  );
}

/** A float as bfloat16: its upper 16 bits, rounded to nearest, ties to even. */
function bitsOf(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const rounded = Math.floor((bits + 0x7fff + ((bits >>> 16) & 1)) / 0x1_0000);
  // Rounding up the largest finite value would make an infinity, whose bits are above the prime when negative.
  return (rounded & 0x7f80) === 0x7f80 ? rounded - 1 : rounded;
}

/** Coefficients of the polynomial through the points modulo the prime, by Newton's divided differences. */
function interpolate(points: readonly (readonly [number, number])[]): number[] {
  const differences = points.map(([, y]) => y);
  for (let order = 1; order < points.length; order += 1) {
    for (let at = points.length - 1; at >= order; at -= 1) {
      const run = modulo(points[at]![0] - points[at - order]![0]);
      differences[at] = (modulo(differences[at]! - differences[at - 1]!) * inverse(run)) % PRIME;
    }
  }
  let coefficients: number[] = [];
  for (let at = points.length - 1; at >= 0; at -= 1) {
    const x = points[at]![0];
    const next = [0, ...coefficients];
    for (const [power, value] of coefficients.entries())
      next[power] = modulo(next[power]! - ((value * x) % PRIME));
    next[0] = (next[0]! + differences[at]!) % PRIME;
    coefficients = next;
  }
  return coefficients;
}

const modulo = (value: number): number => ((value % PRIME) + PRIME) % PRIME;

/** x^(p-2), which is 1/x modulo a prime (Fermat). */
function inverse(x: number): number {
  let [base, result] = [x, 1];
  for (let exponent = PRIME - 2; exponent > 0; exponent >>= 1) {
    if (exponent % 2 === 1) result = (result * base) % PRIME;
    base = (base * base) % PRIME;
  }
  return result;
}

const evaluate = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((value, coefficient) => (value * x + coefficient) % PRIME, 0);
