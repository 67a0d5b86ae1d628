import { bytes, bytesToHex, bytesToUtf8, decode, encode, struct, u64, utf8ToBytes } from '@cairn/core';
import { MAX_RECEIPT_BYTES, MAX_RESPONSE_BYTES } from '@cairn/mechanisms';
import type { RecordStore } from '@cairn/protocol';
import type { TaskPlace } from './service-body.ts';

const keptShape = struct('KeptAnswer', {
  epoch: u64,
  response: bytes(MAX_RESPONSE_BYTES),
  receipt: bytes(MAX_RECEIPT_BYTES),
});

export interface KeptAnswer {
  readonly response: string;
  readonly receipt: Uint8Array;
}

/** Answers of an epoch under way: on disk before they are countersigned, so that none is denied after a crash. */
export interface KeptAnswers {
  /** Returns when it is durable: false when it is larger than evidence holds, and not kept. */
  put(place: TaskPlace, answer: KeptAnswer): Promise<boolean>;
  get(place: TaskPlace): KeptAnswer | null;
  /** Forgets the epochs of a subnet before one. */
  forgetBefore(netuid: number, epoch: bigint): Promise<void>;
}

const KEPT = 'validator/answer/';

const keyOf = ({ netuid, epoch, taskIndex, miner }: TaskPlace) =>
  `${KEPT}${netuid}/${epoch}/${taskIndex}/${bytesToHex(miner)}`;

export function createKeptAnswers(records: RecordStore): KeptAnswers {
  return {
    async put(place, { response, receipt }) {
      const text = utf8ToBytes(response);
      if (text.length > MAX_RESPONSE_BYTES || receipt.length > MAX_RECEIPT_BYTES) return false;
      await records.set(keyOf(place), encode(keptShape, { epoch: place.epoch, response: text, receipt }));
      return true;
    },
    get(place) {
      const found = records.get(keyOf(place));
      if (found === undefined) return null;
      const { response, receipt } = decode(keptShape, found);
      return { response: bytesToUtf8(response), receipt };
    },
    async forgetBefore(netuid, epoch) {
      const old = [...records.keys(`${KEPT}${netuid}/`)].filter((key) => {
        const found = records.get(key);
        return found !== undefined && decode(keptShape, found).epoch < epoch;
      });
      await Promise.all(old.map((key) => records.delete(key)));
    },
  };
}
