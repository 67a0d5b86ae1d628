import { bytesToHex, createPureCrypto, u64ToBytes } from '@cairn/core';
import { decodeCalibration, drawCanary, encodeCalibration } from '@cairn/mechanisms';
import { createSeededRandom } from '../simulation/seeded-random.ts';
import { ENVIRONMENTS, nameOf } from './environments.ts';
import { calibrateFrom } from './judge.ts';
import { findEnvironments, runSamples } from './run-samples.ts';
import type { Sample } from './sample.ts';

export interface CalibrateOptions {
  /** Path of the GGUF file, and its SHA-256. */
  readonly path: string;
  readonly artifact: Uint8Array;
  /** What its card says that it is for: a specialist is asked that. */
  readonly tasks: readonly string[];
  readonly seed: number;
  /** Part of the usual number of answers of each environment, from 0 to 1. @default 1 */
  readonly part?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CalibrateResult {
  /** The calibration as it is published. */
  readonly bytes: Uint8Array;
  readonly calibration: CalibrationSummary;
  readonly environments: readonly string[];
  /** Sets of instructions that this processor or package lacks. */
  readonly absent: readonly string[];
  readonly cpuSeconds: number;
}

/** What a calibration says, for people. */
export interface CalibrationSummary {
  /** SHA-256 of the file, in hex. */
  readonly artifact: string;
  readonly engine: string;
  readonly environments: readonly string[];
  readonly answers: number;
  readonly tokens: bigint;
  readonly marginNano: bigint;
  readonly mostDriftPpb: bigint;
  readonly endMarginNano: bigint;
}

/** @throws CodecError on bytes that are no calibration */
export function describeCalibration(bytes: Uint8Array): CalibrationSummary {
  const { artifact, environments, ...rest } = decodeCalibration(bytes);
  const { engine, answers, tokens, marginNano, mostDriftPpb, endMarginNano } = rest;
  const names = environments.map(({ name }) => name);
  const limits = { marginNano, mostDriftPpb, endMarginNano };
  return { artifact: bytesToHex(artifact), engine, environments: names, answers, tokens, ...limits };
}

/**
 * Measures what honest engines of one file differ by: the same questions on every set of instructions that this
 * processor has, with one and two threads and several batches, each answer reviewed in another.
 *
 * Cost: about 40 ms of processor time for each of 400 answers of the bundled model, ten times that without AVX2; more
 * with larger models.
 *
 * @throws ProvingError `ENGINE_FAILED`. MechanismError `CALIBRATION_TOO_SMALL` where the processor has too few of them
 */
export async function calibrateModel(options: CalibrateOptions): Promise<CalibrateResult> {
  const models = { claimed: options.path };
  const { present, absent, build } = await findEnvironments(models);
  const samples = [...planSamples(options, present)];
  const { reviewed, cpuSeconds } = await runSamples(samples, {
    models,
    onProgress: (done) => options.onProgress?.(done, 2 * samples.length),
  });
  const of = { artifact: options.artifact, engine: build.split(' cpu-')[0]! };
  const bytes = encodeCalibration(calibrateFrom(of, reviewed));
  return {
    ...{ bytes, calibration: describeCalibration(bytes) },
    environments: present.map((place) => nameOf(ENVIRONMENTS[place]!)),
    absent,
    cpuSeconds,
  };
}

function* planSamples(
  { tasks, seed, part = 1 }: CalibrateOptions,
  present: readonly number[],
): Generator<Sample> {
  const random = createSeededRandom(seed);
  const crypto = createPureCrypto();
  const weighed = present.flatMap((own) => Array.from({ length: ENVIRONMENTS[own]!.parts }, () => own));
  let number = 0n;
  for (const own of present) {
    const count = Math.max(1, Math.round(ENVIRONMENTS[own]!.calibration * part));
    for (let at = 0; at < count; at += 1) {
      const secret = crypto.sha256(new Uint8Array([...u64ToBytes(BigInt(seed)), ...u64ToBytes(number)]));
      number += 1n;
      const { prompt } = drawCanary(crypto, secret, {
        tasks,
        logprobs: true,
        seed: true,
        contextTokens: 256,
      });
      yield {
        use: 'calibrate',
        conduct: 'honest',
        provider: own,
        reviewer: random.pick(weighed),
        question: prompt.kind === 'chat' ? prompt.messages[0]!.content : '',
        temperature: at % 2,
        seed: random.below(2 ** 32),
      };
    }
  }
}
