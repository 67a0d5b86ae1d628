import { changeOf, encodeUpdate, makeUpdate, maxUpdateBytes, sizeOf } from '@cairn/training';
import type { SimulatedTrainer, TrainerTurn } from './simulate-run.ts';
import { mulberry } from './twin-learner.ts';

type Cheat = NonNullable<SimulatedTrainer['cheat']>;

/** Uploads a change of its own making. */
function upload(
  { header, codec, engine }: TrainerTurn,
  changes: ReadonlyMap<string, Int32Array>,
): Uint8Array {
  return encodeUpdate(header, codec, engine.tensors, changes).bytes;
}

async function honestChange(turn: TrainerTurn): Promise<Map<string, Int32Array>> {
  return changeOf(turn.engine.tensors, turn.base, await turn.train());
}

function noiseOf(turn: TrainerTurn, size: number): Map<string, Int32Array> {
  const random = mulberry(turn.round + 99);
  return new Map(
    turn.engine.tensors.map(({ name, shape }) => [
      name,
      Int32Array.from({ length: sizeOf(shape) }, () => Math.round((2 * random() - 1) * size)),
    ]),
  );
}

/** Does nothing and says that it did. */
const freeRider: Cheat = async (turn) => upload(turn, noiseOf(turn, 0));

/** Uploads what another uploaded in the round before under its own header, a little shaken. */
const copier: Cheat = async (turn) => {
  const [copied] = turn.before;
  if (copied === undefined) return freeRider(turn);
  const bytes = copied.slice();
  const head = encodeUpdate(turn.header, turn.codec, turn.engine.tensors, noiseOf(turn, 0)).bytes;
  bytes.set(head.subarray(0, 80));
  // The lowest byte of the first tensor's smallest entry: other bytes, the same update.
  const book = 80 + turn.engine.tensors.length * 4;
  bytes[book]! ^= 1;
  return bytes;
};

/** Uploads the same honest update of the first round again and again. */
function createStale(): Cheat {
  let first: Uint8Array | null = null;
  return async (turn) => {
    const { header, codec, engine, base, decay, residual } = turn;
    first ??= makeUpdate({
      header: { ...header, base: new Uint8Array(32) },
      codec,
      table: engine.tensors,
      base,
      trained: await turn.train(),
      residual,
      decay,
    }).bytes;
    return first;
  };
}

/** Trains and uploads ten times the opposite. */
const signFlip: Cheat = async (turn) => {
  const changes = await honestChange(turn);
  for (const values of changes.values()) for (let i = 0; i < values.length; i += 1) values[i]! *= -10;
  return upload(turn, changes);
};

const noise: Cheat = async (turn) => upload(turn, noiseOf(turn, 2 ** 20));

export interface NoiseOptions {
  /** Length of the noise in each tensor, over that of an honest change. */
  readonly length: number;
  /** Share of the honest change that is added. @default 0 */
  readonly honest?: number;
}

/** Uploads noise as long as it likes, and may hide it behind some of what it would have to send. */
export function aNoiseMaker({ length, honest = 0 }: NoiseOptions): SimulatedTrainer {
  const cheat: Cheat = async (turn) => {
    const changes = await honestChange(turn);
    const noises = noiseOf(turn, 2 ** 20);
    for (const [name, values] of changes) {
      const added = noises.get(name)!;
      const scale = (length * lengthOf(values)) / lengthOf(added);
      for (let i = 0; i < values.length; i += 1)
        values[i] = Math.round(honest * values[i]! + scale * added[i]!);
    }
    return upload(turn, changes);
  };
  return { name: 'noise', isHonest: false, cheat };
}

const lengthOf = (values: Int32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/** All bits set: as floats they would be no numbers. */
const nan: Cheat = async (turn) => {
  const bytes = upload(turn, noiseOf(turn, 0));
  return bytes.fill(0xff, 80 + turn.engine.tensors.length * 4);
};

const oversized: Cheat = async ({ codec, engine }) =>
  new Uint8Array(maxUpdateBytes(codec, engine.tensors) + 1);

const withheld: Cheat = async () => null;

export const ATTACKS = [
  'free-rider',
  'copier',
  'stale',
  'sign-flip',
  'noise',
  'nan',
  'oversized',
  'withheld',
] as const;
export type TrainingAttack = (typeof ATTACKS)[number];

/** A trainer that cheats in every round. */
export function anAttacker(attack: TrainingAttack): SimulatedTrainer {
  const cheats: Record<TrainingAttack, () => Cheat> = {
    'free-rider': () => freeRider,
    copier: () => copier,
    stale: createStale,
    'sign-flip': () => signFlip,
    noise: () => noise,
    nan: () => nan,
    oversized: () => oversized,
    withheld: () => withheld,
  };
  return { name: attack, isHonest: false, cheat: cheats[attack]() };
}
