import { bytesToHex, type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import type { Document } from './documents.ts';

/** What tells documents apart. */
export interface Fingerprint {
  /** Hash of the document as it is: equal documents have equal ones. */
  readonly exact: string;
  /**
   * Hash of its letters and digits alone, in lower case. Documents that differ only in case, punctuation and white
   * space have equal ones: that is the whole rule for near duplicates.
   */
  readonly loose: string;
  /** A number from 0 to 999 that goes with `loose`: what decides between training and held out. */
  readonly permille: number;
  /** A finer number of the same kind, to choose one document of several. */
  readonly score: number;
}

/** @param seed of the run, so that no one chooses what is held out by choosing texts. */
export function fingerprintOf(crypto: Crypto, seed: Uint8Array, document: Document): Fingerprint {
  const whole =
    document.text ?? JSON.stringify(document.messages.map(({ role, content }) => [role, content]));
  // A conversation is told by its questions: whoever has seen one must not be asked it again.
  const told =
    document.text ??
    document.messages.flatMap(({ role, content }) => (role === 'user' ? [content] : [])).join('\n');
  const letters = told.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
  const loose = crypto.sha256(utf8ToBytes(letters === '' ? whole : letters));
  const draw = new DataView(Uint8Array.from(crypto.sha256(concatBytes(seed, loose))).buffer).getUint32(0);
  return {
    exact: bytesToHex(crypto.sha256(utf8ToBytes(whole)).subarray(0, 16)),
    loose: bytesToHex(loose.subarray(0, 16)),
    permille: Math.floor((draw / 2 ** 32) * 1000),
    score: draw,
  };
}
