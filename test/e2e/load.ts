import { bytesToHex } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import { createNativeCrypto } from '@cairn/node';
import type { InclusionResult } from '@cairn/protocol';
import {
  type BenchSender,
  createSender,
  createTransferSigner,
} from '../../packages/proving/src/bench/transfers.ts';
import type { SeededRandom } from '../../packages/proving/src/simulation/seeded-random.ts';
import { callNode } from './rpc.ts';

/** Transfers that are sent all the time, and what the nodes said of them. */
export interface Load {
  /** Ids of those that some node said are in a block on disk. */
  readonly acknowledged: ReadonlySet<string>;
  /** Stops sending. Resolves when the last answers are there. */
  stop(): Promise<void>;
}

export function createSenders(count: number): BenchSender[] {
  const crypto = createNativeCrypto();
  return Array.from({ length: count }, (_, at) => createSender(crypto, `e2e ${at}`));
}

/**
 * Each sender sends one transfer after another, to any node. One that gets no answer is sent again, the same bytes, to
 * any other, until a node says that a block has it.
 */
export function startLoad(
  genesis: Genesis,
  senders: readonly BenchSender[],
  urls: () => readonly string[],
  random: SeededRandom,
): Load {
  const sign = createTransferSigner(createNativeCrypto(), genesis);
  const acknowledged = new Set<string>();
  let isOver = false;
  let failure: Error | null = null;

  async function deliver(bytes: Uint8Array): Promise<string | null> {
    while (!isOver) {
      const answer = await callNode<InclusionResult>(random.pick(urls()), 'chain_submitAndWait', {
        transaction: bytesToHex(bytes),
        timeoutMs: 5_000,
      }).catch(() => null);
      if (answer?.transaction !== null && answer?.transaction !== undefined) {
        if (!answer.ok) throw new Error(`a transfer failed: ${answer.problem?.message}`);
        return answer.transaction.id;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return null;
  }

  const lanes = senders.map(async (sender, at) => {
    const to = senders[(at + 1) % senders.length]!.account;
    while (!isOver) {
      const id = await deliver(sign(sender, { to, amount: 1_000n }));
      if (id !== null) acknowledged.add(id);
    }
  });
  const done = Promise.all(lanes).catch((error: Error) => {
    failure = error;
  });
  return {
    acknowledged,
    async stop() {
      isOver = true;
      await done;
      if (failure !== null) throw failure;
    },
  };
}
