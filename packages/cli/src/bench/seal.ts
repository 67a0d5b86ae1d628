import {
  createLlamaEngine,
  createLogger,
  createNativeCrypto,
  readBundledModels,
  systemClock,
  systemRandom,
  systemTimer,
} from '@cairn/node';
import { benchSeal } from '@cairn/proving';
import type { Cli } from '../cli.ts';
import { judge, type Measurement } from './measurement.ts';

/** What sealing adds to a request, and to a stream of the bundled model. */
export async function measureSeal(cli: Cli): Promise<Measurement[]> {
  const log = createLogger({ level: 'error', write: (line) => cli.terminal.err.write(`${line}\n`) });
  const parts = { clock: systemClock, random: systemRandom, log };
  const bundled = await readBundledModels(createNativeCrypto(), new Uint8Array(32));
  const { path } = bundled.artifacts.find(
    ({ variant, quantisation }) => variant === 'default' && quantisation === 'f16',
  )!;
  await using engine = createLlamaEngine(parts);
  await using model = await engine.load(
    { location: path, format: 'gguf' },
    { contextTokens: 256, threads: 1 },
  );
  const figures = await benchSeal(
    { random: systemRandom, timer: systemTimer, model },
    { question: 'every weekday at 9:30 am' },
  );
  return figures.map(({ name, unit, value, spread: [low, high], runs, target }) =>
    judge({ suite: 'seal', name, unit, value, low, high, runs, target: target ?? null, isFloor: false }),
  );
}
