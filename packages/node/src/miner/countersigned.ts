import { areBytesEqual, bytesToHex, decode, encode } from '@cairn/core';
import {
  type CountersignedReceipt,
  countersignedReceiptShape,
  type RecordStore,
  type SignedReceipt,
  type SignedVoucher,
} from '@cairn/protocol';

/** Receipts with the voucher that names them: what proves, later, that a payer had an answer. */
export interface CountersignedReceipts {
  /** Returns when it is durable. */
  keep(signed: SignedReceipt, voucher: SignedVoucher): Promise<void>;
  /** One of a payer for any of these requests; null: none is kept. */
  find(payer: Uint8Array, requests: readonly Uint8Array[]): CountersignedReceipt | null;
}

export const PAYEE_COUNTERSIGNED = 'payee/countersigned/';
/** Most kept of one payer: four epochs of a validator that asks as many tasks as it can of 256 miners. */
const MOST_PER_PAYER = 256;
/** Most payers. The one that countersigned longest ago goes first. */
const MOST_PAYERS = 256;
/** Larger ones do not fit into a frame, and are not kept. */
const MOST_BYTES = 16 * 1024;

/** At most 65,536, of which a common one has less than a kilobyte. */
export function createCountersignedReceipts(records: RecordStore): CountersignedReceipts {
  /** Hashes of requests by payer, both as hex and the oldest first. */
  const kept = new Map<string, Set<string>>();
  const keyOf = (payer: string, request: string) => `${PAYEE_COUNTERSIGNED}${payer}/${request}`;

  /** What has to go to make room. */
  function note(payer: string, request: string): string[] {
    const requests = kept.get(payer) ?? new Set();
    const gone: string[] = [];
    kept.delete(payer);
    kept.set(payer, requests);
    requests.delete(request);
    requests.add(request);
    for (const oldest of requests) {
      if (requests.size <= MOST_PER_PAYER) break;
      requests.delete(oldest);
      gone.push(keyOf(payer, oldest));
    }
    for (const [oldest, theirs] of kept) {
      if (kept.size <= MOST_PAYERS) break;
      kept.delete(oldest);
      for (const each of theirs) gone.push(keyOf(oldest, each));
    }
    return gone;
  }

  function read(key: string): CountersignedReceipt | null {
    const bytes = records.get(key);
    return bytes === undefined ? null : decode(countersignedReceiptShape, bytes);
  }

  function resume(): void {
    const found = [];
    for (const key of records.keys(PAYEE_COUNTERSIGNED)) {
      const [payer = '', request = ''] = key.slice(PAYEE_COUNTERSIGNED.length).split('/');
      found.push({ payer, request, cumulative: read(key)?.signed.receipt.cumulative ?? 0n });
    }
    // Sums grow on a channel, and a payer hardly has two.
    found.sort((a, b) => (a.cumulative < b.cumulative ? -1 : 1));
    for (const { payer, request } of found) note(payer, request);
  }

  resume();
  return {
    async keep(signed, voucher) {
      const bytes = encode(countersignedReceiptShape, { signed, voucher });
      if (bytes.length > MOST_BYTES) return;
      const payer = bytesToHex(signed.receipt.payer);
      const request = bytesToHex(signed.receipt.requestHash);
      const gone = note(payer, request);
      await Promise.all([
        records.set(keyOf(payer, request), bytes),
        ...gone.map((key) => records.delete(key)),
      ]);
    },
    find(payer, requests) {
      const hex = bytesToHex(payer);
      const theirs = kept.get(hex);
      if (theirs === undefined) return null;
      for (const request of requests) {
        const name = bytesToHex(request);
        const found = theirs.has(name) ? read(keyOf(hex, name)) : null;
        if (found !== null && areBytesEqual(found.signed.receipt.requestHash, request)) return found;
      }
      return null;
    },
  };
}
