import {
  type AccountId,
  account,
  accountIdToAddress,
  bytesToHex,
  CairnError,
  hexToBytes,
  type Shape,
  u64,
} from '@cairn/core';
import {
  type Checkpoint,
  checkpointShape,
  paidRoundShape,
  roundShape,
  runShape,
  seatShape,
  trainingCaseShape,
  updateShape,
} from '@cairn/ledger';
import type {
  CaseView,
  LedgerReader,
  PaidRoundView,
  RosterView,
  RoundView,
  RunView,
  SeatView,
} from '@cairn/protocol';
import { SdkError } from '../errors.ts';

type Json = Readonly<Record<string, unknown>>;

function malformed(method: string, cause?: unknown): SdkError {
  return new SdkError(
    { code: 'RPC_MALFORMED' },
    `The node answered ${method} with something else. Node and program may differ in version.`,
    cause === undefined ? {} : { cause },
  );
}

/** Reads what a node answered about runs; what is not exactly that is refused. @throws SdkError `RPC_MALFORMED` */
function readAnswer<T>(method: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SdkError || !(error instanceof CairnError || error instanceof TypeError))
      throw error;
    throw malformed(method, error);
  }
}

const asObject = (method: string, json: unknown): Json => {
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Json;
  throw malformed(method);
};
const asList = (method: string, json: unknown): readonly unknown[] => {
  if (Array.isArray(json)) return json;
  throw malformed(method);
};
const asCount = (method: string, json: unknown): number => {
  if (Number.isSafeInteger(json) && (json as number) >= 0) return json as number;
  throw malformed(method);
};

/** A record with one field beside it, as the queries give it. */
function splitField<T>(
  method: string,
  json: unknown,
  field: string,
  shape: Shape<T>,
): { readonly beside: unknown; readonly record: T } {
  const { [field]: beside, ...rest } = asObject(method, json);
  return { beside, record: shape.fromJson(rest) };
}

function toRun(method: string, json: unknown): RunView {
  const { beside, record } = splitField(method, json, 'id', runShape);
  return { ...record, id: hexToBytes(String(beside)) };
}

function toRosterView(method: string, json: unknown): RosterView {
  const { place, seat, wallet, device, peer, update } = asObject(method, json);
  if (typeof peer !== 'string') throw malformed(method);
  return {
    place: asCount(method, place),
    seat: asCount(method, seat),
    wallet: account.fromJson(wallet),
    device: account.fromJson(device),
    peer,
    update: update === null ? null : updateShape.fromJson(update),
  };
}

function toRoundView(method: string, json: unknown): RoundView {
  const { slot, run, round, roster } = asObject(method, json);
  return {
    slot: u64.fromJson(slot),
    run: toRun(method, run),
    round: round === null ? null : roundShape.fromJson(round),
    roster: asList(method, roster).map((entry) => toRosterView(method, entry)),
  };
}

function toPaidRound(method: string, json: unknown): PaidRoundView {
  const { round, updates, ...rest } = asObject(method, json);
  return {
    ...paidRoundShape.fromJson(rest),
    round: asCount(method, round),
    updates: asList(method, updates).map((entry) => {
      const { place, update } = asObject(method, entry);
      return { place: asCount(method, place), update: updateShape.fromJson(update) };
    }),
  };
}

function toNumbered<T>(method: string, json: unknown, shape: Shape<T>): T & { readonly number: number } {
  const { beside, record } = splitField(method, json, 'number', shape);
  return { ...record, number: asCount(method, beside) };
}

function toCheckpoint(
  method: string,
  json: unknown,
): { readonly round: number; readonly checkpoint: Checkpoint } {
  const { beside, record } = splitField(method, json, 'round', checkpointShape);
  return { round: asCount(method, beside), checkpoint: record };
}

type Reader = Pick<LedgerReader, 'query'>;

async function ask<T>(
  ledger: Reader,
  method: string,
  params: Json,
  read: (method: string, json: unknown) => T,
): Promise<T> {
  const answer = await ledger.query<unknown>(method, params);
  return readAnswer(method, () => read(method, answer));
}

async function askMaybe<T>(
  ledger: Reader,
  method: string,
  params: Json,
  read: (method: string, json: unknown) => T,
): Promise<T | null> {
  return ask(ledger, method, params, (name, json) => (json === null ? null : read(name, json)));
}

async function askList<T>(
  ledger: Reader,
  method: string,
  params: Json,
  read: (method: string, json: unknown) => T,
): Promise<T[]> {
  return ask(ledger, method, params, (name, json) => asList(name, json).map((entry) => read(name, entry)));
}

const ofRun = (run: Uint8Array) => ({ run: bytesToHex(run) });

/** Runs ascending by id above `after`, at most 100. @throws SdkError `RPC_MALFORMED`, as all of these */
export const fetchRuns = (ledger: Reader, after?: Uint8Array): Promise<RunView[]> =>
  askList(
    ledger,
    'training_runs',
    { after: after === undefined ? null : bytesToHex(after), limit: 0 },
    toRun,
  );

export const fetchRun = (ledger: Reader, run: Uint8Array): Promise<RunView | null> =>
  askMaybe(ledger, 'training_run', ofRun(run), toRun);

export const fetchRound = (ledger: Reader, run: Uint8Array): Promise<RoundView | null> =>
  askMaybe(ledger, 'training_round', ofRun(run), (method, json) => {
    const { seeds: _, ...rest } = asObject(method, json);
    return toRoundView(method, rest);
  });

export const fetchPaidRound = (
  ledger: Reader,
  run: Uint8Array,
  round: number,
): Promise<PaidRoundView | null> =>
  askMaybe(ledger, 'training_paidRound', { ...ofRun(run), round }, toPaidRound);

export const fetchSeat = (ledger: Reader, run: Uint8Array, device: AccountId): Promise<SeatView | null> =>
  askMaybe(ledger, 'training_seat', { ...ofRun(run), device: accountIdToAddress(device) }, (method, json) =>
    toNumbered(method, json, seatShape),
  );

/** Those in the draw, and those that left and are still liable. */
export const fetchSeats = (ledger: Reader, run: Uint8Array): Promise<SeatView[]> =>
  askList(ledger, 'training_seats', ofRun(run), (method, json) => toNumbered(method, json, seatShape));

export const fetchTrainingCases = (ledger: Reader, run: Uint8Array): Promise<CaseView[]> =>
  askList(ledger, 'training_cases', ofRun(run), (method, json) =>
    toNumbered(method, json, trainingCaseShape),
  );

/** The newest first, at most 100. */
export const fetchCheckpoints = (
  ledger: Reader,
  run: Uint8Array,
): Promise<{ readonly round: number; readonly checkpoint: Checkpoint }[]> =>
  askList(ledger, 'training_checkpoints', ofRun(run), toCheckpoint);

export const fetchCheckpoint = async (
  ledger: Reader,
  run: Uint8Array,
  round: number,
): Promise<Checkpoint | null> => {
  const found = await askMaybe(ledger, 'training_checkpoint', { ...ofRun(run), round }, toCheckpoint);
  return found?.checkpoint ?? null;
};
