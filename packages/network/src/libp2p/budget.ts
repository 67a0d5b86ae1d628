import type { PeerName } from '@cairn/protocol';
import type { NetworkLimits } from './limits.ts';

/** What one peer takes at the moment. */
export interface Budget {
  /** True when there was room for one more stream, which is then taken. */
  openStream(): boolean;
  closeStream(): void;
  /** True when `bytes` more may be held, which then are. */
  hold(bytes: number): boolean;
  release(bytes: number): void;
  /** Calls `listener` when anybody's bytes were released, until the returned function is called. */
  watch(listener: () => void): () => void;
}

interface Account {
  streams: number;
  heldBytes: number;
}

/** Accounts of what each peer takes; a peer without streams has none. */
export interface Budgets {
  of(peer: PeerName): Budget;
  /** Bytes held for all peers. */
  readonly heldBytes: number;
  /** Streams of all peers. */
  readonly streams: number;
}

export function createBudgets(
  limits: Pick<NetworkLimits, 'streamsPerPeer' | 'heldBytesPerPeer' | 'heldBytes'>,
): Budgets {
  const accounts = new Map<PeerName, Account>();
  let heldBytes = 0;
  let streams = 0;
  const listeners = new Set<() => void>();

  function accountOf(peer: PeerName): Account {
    const account = accounts.get(peer) ?? { streams: 0, heldBytes: 0 };
    accounts.set(peer, account);
    return account;
  }
  function drop(peer: PeerName, account: Account): void {
    if (account.streams === 0 && account.heldBytes === 0) accounts.delete(peer);
  }
  return {
    of: (peer) => ({
      openStream() {
        const account = accountOf(peer);
        if (account.streams >= limits.streamsPerPeer) return false;
        account.streams += 1;
        streams += 1;
        return true;
      },
      closeStream() {
        const account = accountOf(peer);
        account.streams -= 1;
        streams -= 1;
        drop(peer, account);
      },
      hold(bytes) {
        const account = accountOf(peer);
        if (account.heldBytes + bytes > limits.heldBytesPerPeer || heldBytes + bytes > limits.heldBytes) {
          drop(peer, account);
          return false;
        }
        account.heldBytes += bytes;
        heldBytes += bytes;
        return true;
      },
      release(bytes) {
        if (bytes === 0) return;
        const account = accountOf(peer);
        account.heldBytes -= bytes;
        heldBytes -= bytes;
        drop(peer, account);
        for (const listener of listeners) listener();
      },
      watch(listener) {
        listeners.add(listener);
        return () => {
          listeners.delete(listener);
        };
      },
    }),
    get heldBytes() {
      return heldBytes;
    },
    get streams() {
      return streams;
    },
  };
}
