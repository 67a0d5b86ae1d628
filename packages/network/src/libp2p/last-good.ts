import { decode, encode, list, text, type ValueOf } from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import type { Libp2p } from '@libp2p/interface';

const KEY = 'network/last-good';
const MAX_KEPT = 32;
const MAX_ADDRESS_BYTES = 300;
const shape = list(text(MAX_ADDRESS_BYTES), MAX_KEPT);

/** Addresses at which a handshake has succeeded, newest first. */
export interface LastGood {
  addresses(): ValueOf<typeof shape>;
  save(): Promise<void>;
}

/** Watches connections that this peer has opened, and remembers where they led. */
export function createLastGood(host: Libp2p, store: RecordStore | undefined): LastGood {
  const stored = store?.get(KEY);
  let kept: readonly string[] = [];
  let isChanged = false;
  if (stored !== undefined) {
    try {
      kept = decode(shape, stored);
    } catch {
      // A cache that an older release wrote is worth no failed start; it is written anew.
      isChanged = true;
    }
  }
  host.addEventListener('connection:open', ({ detail: connection }) => {
    if (connection.direction !== 'outbound' || !connection.direct) return;
    const address = connection.remoteAddr.toString();
    if (address.length > MAX_ADDRESS_BYTES) return;
    kept = [address, ...kept.filter((other) => other !== address)].slice(0, MAX_KEPT);
    isChanged = true;
  });
  return {
    addresses: () => [...kept],
    async save() {
      if (store === undefined || !isChanged) return;
      isChanged = false;
      await store.set(KEY, encode(shape, [...kept]));
    },
  };
}
