import { malformedData } from './documents.ts';

/** Tokens of a shard, and for each whether it is to be learned. */
export interface Shard {
  readonly ids: Int32Array;
  readonly isLearned: Uint8Array;
}

/** Bytes of a shard: its tokens, little-endian, and then one bit for each that is learned, lowest bit first. */
export function encodeShard(
  ids: ArrayLike<number>,
  isLearned: ArrayLike<number>,
  tokenBytes: number,
): Uint8Array {
  const { length } = ids;
  const bytes = new Uint8Array(length * tokenBytes + Math.ceil(length / 8));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < length; i++) {
    if (tokenBytes === 2) view.setUint16(2 * i, ids[i]!, true);
    else view.setUint32(4 * i, ids[i]!, true);
    if (isLearned[i] === 1) bytes[length * tokenBytes + (i >> 3)]! |= 1 << (i & 7);
  }
  return bytes;
}

/**
 * Reads a shard whose hash was checked. Tokens above `vocab` would read past the model's table, so they are refused.
 *
 * @throws TrainingError `DATA_MALFORMED`
 */
export function decodeShard(bytes: Uint8Array, tokens: number, tokenBytes: number, vocab: number): Shard {
  if (bytes.length !== tokens * tokenBytes + Math.ceil(tokens / 8))
    throw malformedData(
      'a shard',
      null,
      `has ${bytes.length} bytes, which is not what ${tokens} tokens take`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ids = new Int32Array(tokens);
  const isLearned = new Uint8Array(tokens);
  for (let i = 0; i < tokens; i++) {
    const id = tokenBytes === 2 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true);
    if (id >= vocab) throw malformedData('a shard', null, `has a token ${id} and the tokenizer ${vocab}`);
    ids[i] = id;
    isLearned[i] = (bytes[tokens * tokenBytes + (i >> 3)]! >> (i & 7)) & 1;
  }
  return { ids, isLearned };
}
