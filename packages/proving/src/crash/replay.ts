import { createApplication, createInlineVerifier, createMemoryStore, openChainState } from '@cairn/chain';
import { addressToAccountId, bytesToHex, type Crypto, hexToBytes } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { ProvingError } from '../errors.ts';

/** What a replay of a chain's blocks came to. */
export interface Replay {
  readonly height: number;
  /** Hex root of the state after the last block. */
  readonly appHash: string;
}

/**
 * Executes all blocks of a ledger again from its genesis, without interruption and without its store,
 * comparing the root at each height.
 *
 * @throws ProvingError `REPLAY_DIFFERS`
 */
export async function replayBlocks(crypto: Crypto, genesis: Genesis, ledger: LedgerReader): Promise<Replay> {
  const state = openChainState({ crypto, store: createMemoryStore() }, { folder: 'memory', undoBlocks: 1 });
  const verifier = createInlineVerifier(crypto);
  const application = createApplication({ crypto, state, verifier }, { folder: 'memory' });
  let appHash = bytesToHex(await application.initChain(genesis));
  let previousHash = '00'.repeat(32);
  const { height: last } = await ledger.status();
  for (let height = 1; height <= last; height++) {
    const differs = (reason: string) =>
      new ProvingError(
        { code: 'REPLAY_DIFFERS', height, reason },
        `Block ${height} replays differently: ${reason}.`,
      );
    const block = await ledger.block(height);
    if (block === null) throw differs('it is missing');
    const { header } = block;
    if (header.previousHash !== previousHash)
      throw differs(`it follows ${header.previousHash}, not ${previousHash}`);
    if (header.previousAppHash !== appHash)
      throw differs(`it starts from ${header.previousAppHash}, not ${appHash}`);
    const proposer = addressToAccountId(header.proposer);
    const replayed = await application.finalizeBlock({
      height,
      timeMs: header.timeMs,
      hash: hexToBytes(header.hash),
      proposer,
      votes: [{ validator: proposer, signed: true }],
      misbehavior: [],
      txs: block.transactions.map(({ bytes }) => hexToBytes(bytes)),
    });
    await application.commit();
    appHash = bytesToHex(replayed.appHash);
    previousHash = header.hash;
    if (appHash !== block.appHash) throw differs(`its root is ${block.appHash}, replayed ${appHash}`);
  }
  return { height: last, appHash };
}
