import { changeOf, decodeUpdate, emptyResidual, encodeUpdate, type UpdateCodec } from '@cairn/training';
import { mulberry } from '../../training/twin-learner.ts';
import { type BenchFigure, figureOf } from '../figure.ts';

const VALUES = 10_000_000;
const SIDE = 2_500;
const TARGET_COMPRESSION = 200;
const TARGET_MS = 1_000;

const HEADER = { run: new Uint8Array(32), round: 1, base: new Uint8Array(32), steps: 30 } as const;
const CODECS: readonly [name: string, codec: UpdateCodec, compression?: number, ms?: number][] = [
  ['k = 64 of 4,096', { kind: 'sparse', kept: 64 }, TARGET_COMPRESSION, TARGET_MS],
  ['k = 256 of 4,096', { kind: 'sparse', kept: 256 }],
  ['dense int8', { kind: 'dense' }],
];

/** How much smaller an update of 10 million values is than the values, and how long it takes to write and read. */
export function benchCodec(runs = 3): BenchFigure[] {
  const random = mulberry(1);
  const table = [{ name: 'weights', shape: [VALUES / SIDE, SIDE] }];
  const base = new Map([['weights', Float32Array.from({ length: VALUES }, () => (2 * random() - 1) * 0.05)]]);
  const trained = new Map([
    ['weights', base.get('weights')!.map((value) => value + (2 * random() - 1) ** 3 * 0.003)],
  ]);
  return CODECS.flatMap(([name, codec, compression, ms]) => {
    const ratios: number[] = [];
    const [change, encoding, decoding]: [number[], number[], number[]] = [[], [], []];
    // The first run warms the compiler up.
    for (let run = 0; run <= runs; run += 1) {
      const times = [performance.now()];
      const residual = codec.kind === 'sparse' ? { residual: emptyResidual(table), decay: 0.95 } : {};
      const changes = changeOf(table, base, trained, residual);
      times.push(performance.now());
      const { bytes } = encodeUpdate(HEADER, codec, table, changes);
      times.push(performance.now());
      decodeUpdate(bytes, codec, table);
      times.push(performance.now());
      if (run === 0) continue;
      ratios.push((VALUES * 4) / bytes.length);
      for (const [index, list] of [change, encoding, decoding].entries())
        list.push(times[index + 1]! - times[index]!);
    }
    const both = encoding.map((encoded, index) => encoded + decoding[index]!);
    return [
      figureOf(`compression against dense floats, ${name}`, 'times', ratios, compression),
      figureOf(`encode and decode 10 million values, ${name}`, 'ms', both, ms),
      figureOf(`change and residual of 10 million values, ${name}`, 'ms', change),
    ];
  });
}
