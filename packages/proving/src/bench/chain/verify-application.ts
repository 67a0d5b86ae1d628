import type { AbciHandlers } from '@cairn/chain';
import { bytesToHex, type Crypto, u64ToBytes } from '@cairn/core';
import { parseTransaction, verifySignature } from '@cairn/ledger';

const NOTHING = new Uint8Array(0);
const ACCEPT = 1;

const CHECKED = {
  ...{ data: NOTHING, log: '', info: '', gasWanted: 0n, gasUsed: 0n, events: [], codespace: '' },
  code: 0,
};

/**
 * An application that checks the signature of each transaction, once, keeps how many there were, and nothing else. What
 * the ledger costs beside its signatures is the difference to this.
 */
export function verifyApplication(crypto: Crypto): AbciHandlers {
  const good = new Set<string>();
  let height = 0n;
  let count = 0n;

  function code(tx: Uint8Array, forgets: boolean): number {
    const key = bytesToHex(crypto.sha256(tx));
    if (good.has(key)) {
      if (forgets) good.delete(key);
      return 0;
    }
    const read = parseTransaction(crypto, tx);
    if (!read.ok || verifySignature(crypto, tx, read.parsed.transaction) !== null) return 1;
    if (!forgets) good.add(key);
    return 0;
  }

  return {
    echo: ({ message }) => ({ message }),
    flush: () => ({}),
    info: () => ({
      ...{ data: 'verify', version: '', appVersion: 1n, lastBlockHeight: height },
      lastBlockAppHash: height === 0n ? NOTHING : u64ToBytes(count),
    }),
    initChain: () => ({ appHash: u64ToBytes(0n), validators: [] }),
    checkTx: ({ tx }) => ({ ...CHECKED, code: code(tx, false) }),
    prepareProposal({ txs, maxTxBytes }) {
      let sizeBytes = 0;
      const fit = txs.findIndex((tx) => {
        sizeBytes += tx.length + 5;
        return sizeBytes > Number(maxTxBytes);
      });
      return { txs: fit < 0 ? txs : txs.slice(0, fit) };
    },
    processProposal: () => ({ status: ACCEPT }),
    extendVote: () => ({ voteExtension: NOTHING }),
    verifyVoteExtension: () => ({ status: ACCEPT }),
    finalizeBlock(request) {
      const txResults = request.txs.map((tx) => ({ ...CHECKED, code: code(tx, true) }));
      height = request.height;
      count += BigInt(request.txs.length);
      return { events: [], txResults, validatorUpdates: [], appHash: u64ToBytes(count) };
    },
    commit: () => ({ retainHeight: 0n }),
    query: () => ({
      ...{ code: 1, log: '', info: '', index: 0n, key: NOTHING, value: NOTHING, height, codespace: '' },
    }),
    listSnapshots: () => ({ snapshots: [] }),
    offerSnapshot: () => ({ result: 3 }),
    loadSnapshotChunk: () => ({ chunk: NOTHING }),
    applySnapshotChunk: () => ({ result: 2, refetchChunks: [], rejectSenders: [] }),
  };
}
