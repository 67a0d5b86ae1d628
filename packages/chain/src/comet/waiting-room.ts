import type { Crypto } from '@cairn/core';
import { parseTransaction, problem } from '@cairn/ledger';
import type { Application, SubmitResult } from '@cairn/protocol';
import { ChainError } from '../errors.ts';
import type { WaitingRoom } from '../reader/local-ledger.ts';
import type { CometRpc } from './rpc.ts';

export interface CometWaitingRoomParts {
  readonly rpc: CometRpc;
  readonly application: Application;
  readonly crypto: Crypto;
}

interface Broadcast {
  readonly code: number;
  readonly log: string;
  readonly codespace: string;
}

/** CometBFT's mempool: transactions wait in it and reach the other validators from it. */
export function createCometWaitingRoom(
  { rpc, application, crypto }: CometWaitingRoomParts,
  /** Of the parameters in force. */
  maxTransactionBytes: () => number,
): WaitingRoom {
  /** Null while CometBFT is not there. */
  async function ask<T>(method: string, params?: Readonly<Record<string, unknown>>) {
    try {
      return await rpc.call<T>(method, params);
    } catch (error) {
      if (error instanceof ChainError && error.problem.code === 'COMETBFT_UNREACHABLE') return null;
      throw error;
    }
  }

  async function submit(tx: Uint8Array): Promise<SubmitResult> {
    const most = maxTransactionBytes();
    if (tx.length > most) {
      const message = `${tx.length} bytes are more than the ${most} allowed.`;
      return { ok: false, id: null, problem: problem('TRANSACTION_TOO_LARGE', message) };
    }
    const read = parseTransaction(crypto, tx);
    if (!read.ok) return { ok: false, id: null, problem: read.problem };
    const { id } = read.parsed;
    const answer = await ask<Broadcast>('broadcast_tx_sync', { tx: Buffer.from(tx).toString('base64') });
    if (answer === null) return { ok: false, id, problem: problem('CONSENSUS_UNAVAILABLE', RESTARTING) };
    if (answer.ok) {
      const { code, log, codespace } = answer.result;
      return code === 0 ? { ok: true, id } : { ok: false, id, problem: problem(codespace, log) };
    }
    // It keeps in mind what it had: that still waits, or was taken by a block and no longer passes.
    if (answer.message.includes('already exists in cache')) {
      const checked = await application.checkTx(tx, 'new');
      return checked.ok ? { ok: true, id } : checked;
    }
    if (answer.message.includes('mempool is full')) {
      const message = 'Too many transactions wait on this node. Try again in a moment.';
      return { ok: false, id, problem: problem('MEMPOOL_FULL', message) };
    }
    return { ok: false, id, problem: problem('CONSENSUS_UNAVAILABLE', `CometBFT says: ${answer.message}`) };
  }

  return {
    submit,
    async waiting() {
      const answer = await ask<{ total: string; total_bytes: string }>('num_unconfirmed_txs');
      // While it restarts nothing waits.
      if (answer === null || !answer.ok) return { count: 0, sizeBytes: 0 };
      return { count: Number(answer.result.total), sizeBytes: Number(answer.result.total_bytes) };
    },
  };
}

const RESTARTING = 'CometBFT is starting or gone. Try again in a moment.';
