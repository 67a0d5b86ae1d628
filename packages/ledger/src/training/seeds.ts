import { type Crypto, compareBytes, concatBytes, u64ToBytes, utf8ToBytes } from '@cairn/core';

interface SeedParts {
  readonly run: Uint8Array;
  readonly round: number;
  /** Seed of the epoch of the run's subnet. */
  readonly epochSeed: Uint8Array;
  /** From the salts revealed with the scores of the round before. */
  readonly mix: Uint8Array;
}

/**
 * What a round's roster and data are drawn from: the epoch's seed, and salts that validators were bound to before the
 * updates of the round before were shown. Who withholds one chooses between two seeds and loses the round's pay.
 */
export function roundSeed(crypto: Crypto, { run, round, epochSeed, mix }: SeedParts): Uint8Array {
  const number = u64ToBytes(BigInt(round));
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/training/round/v1'), run, number, epochSeed, mix));
}

/**
 * What the data of scores is drawn from: unknown before commits are closed. Who proposes the block that closes them
 * can choose between a few, which moves samples and no weights.
 */
export function scoreSeedOf(crypto: Crypto, seed: Uint8Array, blockHash: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/training/score/v1'), seed, blockHash));
}

/** @param salts in the order of the judges */
export function mixOf(crypto: Crypto, seed: Uint8Array, salts: readonly Uint8Array[]): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/training/mix/v1'), seed, ...salts));
}

/** Numbers in the order that a seed gives them. One hash each. */
export function shuffle(crypto: Crypto, seed: Uint8Array, tag: string, numbers: readonly number[]): number[] {
  const label = utf8ToBytes(`cairn/training/${tag}/v1`);
  return numbers
    .map((number) => ({ number, key: crypto.sha256(concatBytes(label, seed, u64ToBytes(BigInt(number)))) }))
    .sort((one, other) => compareBytes(one.key, other.key))
    .map(({ number }) => number);
}

/** Whether a place is drawn for replay, and which of its steps. Unknown until salts are revealed, after all commits. */
export function drawnStep(
  crypto: Crypto,
  mix: Uint8Array,
  place: number,
  { steps, drawBps }: { readonly steps: number; readonly drawBps: number },
): number | null {
  const label = utf8ToBytes('cairn/training/draw/v1');
  const hash = crypto.sha256(concatBytes(label, mix, u64ToBytes(BigInt(place))));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  const chance = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  if (chance % 10_000 >= drawBps) return null;
  return (((e << 24) | (f << 16) | (g << 8) | h) >>> 0) % steps;
}
