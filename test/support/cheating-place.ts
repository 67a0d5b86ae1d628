import { bytesToHex } from '@cairn/core';
import type { RunReader, TensorShape } from '@cairn/protocol';
import { decodeUpdate, emptyResidual, planOf, sizeOf, type Update } from '@cairn/training';
import type { RunDesk, RunPlace } from '../../packages/node/src/training/run/run-place.ts';
import { aRecordStore } from '../../packages/node/test/data/parts.ts';
import { anAttacker, type TrainingAttack } from '../../packages/proving/src/training/attacks.ts';

/** Units of an update's values in the weights' own measure. */
const UNIT = 2 ** 24;

/** A machine that commits to what an attack makes of its round, shown or withheld. It shares the library of a place. */
export function cheatingPlace(place: RunPlace, attack: TrainingAttack, reader: RunReader): RunPlace {
  const { cheat } = anAttacker(attack);
  return {
    ...place,
    records: aRecordStore(),
    async desk(...given) {
      const desk = await place.desk(...given);
      const { table, codec, decay } = planOf(desk.manifest);
      const train: RunDesk['compute']['train'] = async (task, options) => {
        const honest = await desk.compute.train(task, options);
        if ('paused' in honest) return honest;
        const update = decodeUpdate(honest.update, codec, table);
        const sent = valuesOf(table, update);
        const upload = await cheat!({
          round: task.round,
          // As of this seat: an attack is to be refused for what it says, not for its header.
          ...{ header: update.header, codec, decay },
          // Attacks look at the tensors alone.
          engine: { tensors: table } as never,
          base: new Map(table.map((tensor) => [tensor.name, new Float32Array(sizeOf(tensor.shape))])),
          residual: emptyResidual(table),
          before: await uploadsBefore(desk, reader, task.round),
          train: async () =>
            new Map(Array.from(sent, ([name, values]) => [name, values.map((value) => -value)])),
        });
        return { ...honest, update: upload ?? honest.update };
      };
      const library = attack === 'withheld' ? { ...desk.library, show: async () => undefined } : desk.library;
      return { ...desk, library, compute: { ...desk.compute, train } };
    },
  };
}

/** What honest trainers uploaded in the round before, as everybody could read it. */
async function uploadsBefore(desk: RunDesk, reader: RunReader, round: number): Promise<Uint8Array[]> {
  const before = await reader.paidRound(desk.id, round - 1);
  const accepted = (before?.updates ?? []).filter(
    ({ place }) => ((before!.accepted[place >> 3] ?? 0) & (1 << (place & 7))) !== 0,
  );
  const blobs = await Promise.all(accepted.map(({ update }) => desk.library.get(bytesToHex(update.payload))));
  return blobs.filter((blob) => blob !== null);
}

function valuesOf(table: readonly TensorShape[], { tensors }: Update): Map<string, Float32Array> {
  return new Map(
    table.map(({ name, shape }, index) => {
      const values = new Float32Array(sizeOf(shape));
      const tensor = tensors[index]!;
      if (tensor.kind === 'sparse')
        for (const [at, position] of tensor.positions.entries())
          values[position] = tensor.book[tensor.codes[at]!]! / UNIT;
      return [name, values];
    }),
  );
}
