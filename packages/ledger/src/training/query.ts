import {
  account,
  accountIdToAddress,
  bytes32,
  bytesToHex,
  optional,
  type Shape,
  struct,
  u16,
  u32,
  u64,
  withDefault,
} from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import type { StateView } from '../state/view.ts';
import { trainingCaseShape, trainingCases } from './case.ts';
import { caseKey } from './cases/held-pay.ts';
import { checkpointShape, checkpoints } from './checkpoint.ts';
import { trainingSlot } from './clock.ts';
import { paidRoundShape, paidRounds, roundKey } from './paid-round.ts';
import { placeKey, roundShape, rounds, updateShape, updates } from './round.ts';
import { members, runShape, runs } from './run.ts';
import { deviceKey, devices, seatKey, seatShape, seats } from './seat.ts';

const MAX_LISTED = 100;

const ofRun = struct('RunParams', { run: bytes32 });
const ofRound = struct('RunRoundParams', { run: bytes32, round: u32 });

function schemaWith(shape: Shape<never> | Shape<unknown>, extra: object) {
  return { type: 'object', properties: { ...extra, ...(shape.schema.properties as object) } };
}
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

const runSchema = schemaWith(runShape, { id: bytes32.schema });
const seatSchema = schemaWith(seatShape, { number: u32.schema });

function describeRun(view: StateView, id: string) {
  const run = runs.get(view, id);
  return run === undefined ? null : { id, ...(runShape.toJson(run) as object) };
}

/** A seat by its number; null once it is released. */
function describeSeat(view: StateView, run: Uint8Array, number: number) {
  const seat = seats.get(view, seatKey(run, number));
  return seat === undefined ? null : { number, ...(seatShape.toJson(seat) as object) };
}

export const runsQuery = defineQuery({
  name: 'training_runs',
  help: `Training runs, those that ended included, at most ${MAX_LISTED} above \`after\`.`,
  params: struct('RunsParams', { after: optional(bytes32), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: runSchema },
  run({ view }, { after, limit }) {
    const most = limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED);
    const listed = [];
    for (const id of runs.ids(view, '', after === null ? undefined : bytesToHex(after))) {
      if (listed.length >= most) break;
      listed.push(describeRun(view, id));
    }
    return listed;
  },
});

export const runQuery = defineQuery({
  name: 'training_run',
  help: 'One training run; null when there is none.',
  params: ofRun,
  result: orNull(runSchema),
  run: ({ view }, { run }) => describeRun(view, bytesToHex(run)),
});

const rosterSchema = {
  type: 'object',
  properties: {
    place: u16.schema,
    seat: u32.schema,
    wallet: account.schema,
    device: account.schema,
    peer: { type: 'string' },
    update: orNull(updateShape.schema),
  },
};

export const roundQuery = defineQuery({
  name: 'training_round',
  help: "The open round of a run with everybody in it, and the slot of the run's clock; null when there is no such run. No round is open while a run cools down.",
  params: ofRun,
  result: orNull({
    type: 'object',
    properties: {
      slot: u64.schema,
      run: runSchema,
      round: orNull(roundShape.schema),
      seeds: { type: 'string' },
      roster: { type: 'array', items: rosterSchema },
    },
  }),
  run({ view }, { run: id }) {
    const hex = bytesToHex(id);
    const run = describeRun(view, hex);
    if (run === null) return null;
    const slot = trainingSlot(view).toString();
    const round = rounds.get(view, hex);
    if (round === undefined) return { slot, run, round: null, seeds: seedsLabel(0), roster: [] };
    const roster = round.roster.map((number, place) => {
      const seat = seats.get(view, seatKey(id, number))!;
      const update = updates.get(view, placeKey(id, round.round, place));
      return {
        place,
        seat: number,
        wallet: accountIdToAddress(seat.wallet),
        device: accountIdToAddress(seat.device),
        peer: seat.peer,
        update: update === undefined ? null : updateShape.toJson(update),
      };
    });
    return { slot, run, round: roundShape.toJson(round), seeds: seedsLabel(round.mixedSalts), roster };
  },
});

/** Whose choice the seed of a round is: with the salt of one validator, or none, it is that of an operator. */
export const seedsLabel = (mixedSalts: number): string =>
  mixedSalts < 2 ? 'operator-chosen' : `mixed by ${mixedSalts} validators`;

export const paidRoundQuery = defineQuery({
  name: 'training_paidRound',
  help: 'A settled round with the updates of its places; null when it is not settled, or no longer kept.',
  params: ofRound,
  result: orNull(
    schemaWith(paidRoundShape, {
      round: u32.schema,
      updates: {
        type: 'array',
        items: { type: 'object', properties: { place: u16.schema, update: updateShape.schema } },
      },
    }),
  ),
  run({ view }, { run, round }) {
    const paid = paidRounds.get(view, roundKey(run, round));
    if (paid === undefined) return null;
    const kept = paid.lines.flatMap((_, place) => {
      const update = updates.get(view, placeKey(run, round, place));
      return update === undefined ? [] : [{ place, update: updateShape.toJson(update) }];
    });
    return { round, ...(paidRoundShape.toJson(paid) as object), updates: kept };
  },
});

export const seatQuery = defineQuery({
  name: 'training_seat',
  help: 'The seat that a device has in a run now; null when it has none.',
  params: struct('SeatParams', { run: bytes32, device: account }),
  result: orNull(seatSchema),
  run({ view }, { run, device }) {
    const number = devices.get(view, deviceKey(run, device))?.seat;
    return number === undefined ? null : describeSeat(view, run, number);
  },
});

export const seatsQuery = defineQuery({
  name: 'training_seats',
  help: 'Seats of a run: those in the draw, and those that left and are still liable.',
  params: ofRun,
  result: { type: 'array', items: seatSchema },
  run({ view }, { run }) {
    const found = members.get(view, bytesToHex(run));
    if (found === undefined) return [];
    return [...found.active, ...found.leaving].map((number) => describeSeat(view, run, number));
  },
});

export const casesOfRunQuery = defineQuery({
  name: 'training_cases',
  help: 'Open cases about inner steps of a run, oldest first.',
  params: ofRun,
  result: { type: 'array', items: schemaWith(trainingCaseShape, { number: u32.schema }) },
  run({ view }, { run }) {
    const openCases = members.get(view, bytesToHex(run))?.openCases ?? [];
    return openCases.map(({ number }) => ({
      number,
      ...(trainingCaseShape.toJson(trainingCases.get(view, caseKey(run, number))!) as object),
    }));
  },
});

const checkpointSchema = schemaWith(checkpointShape, { round: u32.schema });

export const checkpointQuery = defineQuery({
  name: 'training_checkpoint',
  help: 'The posted checkpoint of a run after a round; null when there is none.',
  params: ofRound,
  result: orNull(checkpointSchema),
  run({ view }, { run, round }) {
    const posted = checkpoints.get(view, roundKey(run, round));
    return posted === undefined ? null : { round, ...(checkpointShape.toJson(posted) as object) };
  },
});

export const checkpointsQuery = defineQuery({
  name: 'training_checkpoints',
  help: `Posted checkpoints of a run, the newest first, at most ${MAX_LISTED}.`,
  params: ofRun,
  result: { type: 'array', items: checkpointSchema },
  run({ view }, { run }) {
    const ids = [...checkpoints.ids(view, `${bytesToHex(run)}/`)].reverse().slice(0, MAX_LISTED);
    return ids.map((id) => ({
      round: Number(id.slice(id.indexOf('/') + 1)),
      ...(checkpointShape.toJson(checkpoints.get(view, id)!) as object),
    }));
  },
});
