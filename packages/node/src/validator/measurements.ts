import {
  areBytesEqual,
  bytes32,
  bytesToHex,
  decode,
  encode,
  list,
  struct,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import type { Measurement } from '@cairn/ledger';
import type { EpochOutcome } from '@cairn/mechanisms';
import { FX_ONE, type RecordStore } from '@cairn/protocol';
import { messageToCall } from '@cairn/sdk';
import type { AskedMiner } from './ask-miners.ts';
import type { ValidatorOptions, ValidatorParts } from './validator-parts.ts';

/** Most artifacts that are kept and told of: as many as a transaction of several messages takes. */
const MAX_ARTIFACTS = 32;

/** Trials from which older ones count less: both counts are halved. */
const MOST_TRIALS = 4_096;

const countShape = struct('ArtifactCount', {
  model: bytes32,
  artifact: bytes32,
  right: u32,
  trials: u32,
});
type Count = ValueOf<typeof countShape>;

const bookShape = struct('MeasurementBook', {
  /** Of epochs whose weights are secret still, by the root of their evidence. */
  secret: list(
    struct('SecretCounts', { epoch: u64, root: bytes32, counts: list(countShape, MAX_ARTIFACTS) }),
    128,
  ),
  /** Of all epochs that are public. */
  known: list(countShape, MAX_ARTIFACTS),
});
type Book = ValueOf<typeof bookShape>;

const keyOf = ({ netuid, mechanism = 0 }: ValidatorOptions) => `validator/measured/${netuid}/${mechanism}`;

function readBook(records: RecordStore, options: ValidatorOptions): Book {
  const bytes = records.get(keyOf(options));
  return bytes === undefined ? { secret: [], known: [] } : decode(bookShape, bytes);
}

const saveBook = (records: RecordStore, options: ValidatorOptions, book: Book): Promise<void> =>
  records.set(keyOf(options), encode(bookShape, book));

const idOf = ({ model, artifact }: Pick<Count, 'model' | 'artifact'>): string =>
  `${bytesToHex(model)}/${bytesToHex(artifact)}`;

/**
 * How much of the epoch's tasks each artifact got right. Of several miners that serve one the best counts: a bad
 * server says nothing about what it serves.
 */
function countArtifacts(
  { scores }: Pick<EpochOutcome, 'scores'>,
  miners: readonly AskedMiner[],
  tasks: number,
): Count[] {
  const offers = new Map(miners.map(({ uid, offer }) => [uid, offer.terms]));
  const best = new Map<string, Count>();
  for (const { uid, mean } of scores) {
    const terms = offers.get(uid);
    if (terms === undefined) continue;
    const right = Number((mean * BigInt(tasks) + FX_ONE / 2n) / FX_ONE);
    const count = { model: terms.model, artifact: terms.artifact, right, trials: tasks };
    if (right >= (best.get(idOf(count))?.right ?? 0)) best.set(idOf(count), count);
  }
  return [...best.values()].slice(0, MAX_ARTIFACTS);
}

/** Keeps what an epoch measured to itself: told before its weights are public, it would tell them. */
export async function keepMeasured(
  records: RecordStore,
  options: ValidatorOptions,
  epoch: bigint,
  outcome: EpochOutcome,
  miners: readonly AskedMiner[],
  tasks: number,
): Promise<void> {
  const book = readBook(records, options);
  const counts = countArtifacts(outcome, miners, tasks);
  const secret = book.secret.filter(({ root }) => !areBytesEqual(root, outcome.root)).slice(-127);
  await saveBook(records, options, { ...book, secret: [...secret, { epoch, root: outcome.root, counts }] });
}

function addCount(known: readonly Count[], more: Count): Count[] {
  const before = known.find((count) => idOf(count) === idOf(more));
  const sum = {
    ...more,
    right: more.right + (before?.right ?? 0),
    trials: more.trials + (before?.trials ?? 0),
  };
  const isMany = sum.trials > MOST_TRIALS;
  const added = isMany ? { ...sum, right: sum.right >> 1, trials: sum.trials >> 1 } : sum;
  return [...known.filter((count) => count !== before), added].slice(-MAX_ARTIFACTS);
}

/**
 * Says on the ledger how good each artifact is that an epoch measured, once the weights of that epoch are public.
 * Of no consequence for weights, so a refusal is logged and not tried again before the next epoch.
 */
export async function tellMeasured(
  { records, client, log, runner }: Pick<ValidatorParts, 'records' | 'client' | 'log' | 'runner'>,
  options: ValidatorOptions,
  settled: { readonly epoch: bigint; readonly root: Uint8Array },
): Promise<void> {
  const book = readBook(records, options);
  const shown = book.secret.find(({ root }) => areBytesEqual(root, settled.root));
  if (shown === undefined) return;
  const known = shown.counts.reduce<Count[]>(addCount, book.known);
  // On disk before it is sent: an epoch is counted once, whatever becomes of the message.
  const secret = book.secret.filter(({ epoch }) => epoch > shown.epoch);
  await saveBook(records, options, { secret, known });
  const told = known.filter((count) => shown.counts.some((each) => idOf(each) === idOf(count)));
  const calls = told
    .filter(({ trials }) => trials > 0)
    .map(
      (count): Measurement => ({
        ...count,
        netuid: options.netuid,
        task: runner.manifest.id,
        evidence: shown.root,
      }),
    )
    .map((measurement) => messageToCall('registry.postEvaluation', { measurement }));
  if (calls.length === 0) return;
  try {
    await client.send('accounts.batch', { calls });
    log.info('measurements told', { epoch: shown.epoch, artifacts: calls.length });
  } catch (error) {
    log.warn('measurements could not be told', { epoch: shown.epoch, error: String(error) });
  }
}
