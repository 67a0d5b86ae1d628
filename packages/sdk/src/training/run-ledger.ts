import { areBytesEqual, bytesToHex, type Crypto, encode, hexToBytes } from '@cairn/core';
import { runShape, scoreCommitmentOf } from '@cairn/ledger';
import type { LedgerReader, RoundView, RunLedger, RunReader } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import type { AccountClient } from '../ledger/account-client.ts';
import { messageToCall } from '../ledger/call.ts';
import {
  fetchCheckpoint,
  fetchCheckpoints,
  fetchPaidRound,
  fetchRound,
  fetchRun,
  fetchRuns,
  fetchSeat,
  fetchTrainingCases,
} from './run-views.ts';

type Reader = Pick<LedgerReader, 'query' | 'events'>;

/** What anybody reads of training runs, from one node. Its methods throw SdkError `RPC_FAILED`, `RPC_MALFORMED`. */
export function createRunReader(ledger: Reader): RunReader {
  return {
    runs: (after) => fetchRuns(ledger, after),
    run: (id) => fetchRun(ledger, id),
    round: (run) => fetchRound(ledger, run),
    paidRound: (run, round) => fetchPaidRound(ledger, run, round),
    seat: (run, device) => fetchSeat(ledger, run, device),
    cases: (run) => fetchTrainingCases(ledger, run),
    checkpoint: (run, round) => fetchCheckpoint(ledger, run, round),
    async latestCheckpoint(run) {
      const [newest] = await fetchCheckpoints(ledger, run);
      return newest ?? null;
    },
    watch: (run, signal) => watchRun(ledger, run, signal),
  };
}

async function* watchRun(
  ledger: Reader,
  run: Uint8Array,
  signal: Parameters<RunReader['watch']>[1],
): AsyncIterable<RoundView> {
  const read = async (): Promise<RoundView> => {
    const view = await fetchRound(ledger, run);
    if (view !== null) return view;
    const what = bytesToHex(run);
    throw new SdkError({ code: 'RUN_UNKNOWN', run: what }, `There is no training run ${what}.`);
  };
  let last = await read();
  yield last;
  for await (const _ of ledger.events({ names: ['chain.committed'], signal })) {
    const next = await read();
    if (next.round !== null || !isSameRun(last, next)) yield next;
    last = next;
  }
}

const isSameRun = (one: RoundView, other: RoundView): boolean =>
  one.round === null &&
  other.round === null &&
  areBytesEqual(encode(runShape, one.run), encode(runShape, other.run));

export interface RunLedgerParts {
  readonly crypto: Crypto;
  readonly ledger: Reader;
  /** Account of the wallet, machine or validator that sends. */
  readonly client: AccountClient;
}

/**
 * Runs as one account sees and changes them. Every method that sends resolves when its transaction is in a block, and
 * throws SdkError `TRANSACTION_REFUSED` with the ledger's code and message.
 */
export function createRunLedger({ crypto, ledger, client }: RunLedgerParts): RunLedger {
  const send = async (message: string, value: unknown): Promise<void> => {
    await client.send(message, value);
  };
  return {
    ...createRunReader(ledger),
    device: client.account,
    hotkey: client.account,
    async create(run) {
      const { events } = await client.send('training.createRun', run);
      const made = events.find(({ name }) => name === 'training.runCreated')?.data.run;
      if (typeof made === 'string') return hexToBytes(made);
      throw new SdkError({ code: 'RPC_MALFORMED' }, 'The node does not say which run was created.');
    },
    fund: (run, amount) => send('training.fund', { run, amount }),
    end: (run) => send('training.endRun', { run }),
    async join(seat, feeFunds) {
      if (feeFunds === 0n) return send('training.join', seat);
      const transfer = messageToCall('accounts.transfer', { to: seat.device, amount: feeFunds });
      return send('accounts.batch', { calls: [transfer, messageToCall('training.join', seat)] });
    },
    leave: (run, device) => send('training.leave', { run, device }),
    commitUpdate: (update) => send('training.commitUpdate', update),
    witness: (run, round, found) => send('training.witness', { run, round, found }),
    commitScores(run, round, scores, salt) {
      const commitment = scoreCommitmentOf(crypto, { run, round, hotkey: client.account, scores, salt });
      return send('training.commitScores', { run, round, commitment });
    },
    revealScores: (run, round, scores, salt) =>
      send('training.revealScores', { run, round, scores: [...scores], salt }),
    settle: (outcome) => send('training.settle', outcome),
    challenge: (step) => send('training.challenge', step),
    judge: (run, number, verdict) => send('training.judge', { run, case: number, verdict }),
    appeal: (run, number) => send('training.appeal', { run, case: number }),
    postCheckpoint: (checkpoint) => send('training.postCheckpoint', checkpoint),
    signCheckpoint: (run, round, manifest, gguf) => send('training.sign', { run, round, manifest, gguf }),
  };
}
