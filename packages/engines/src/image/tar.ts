const BLOCK_BYTES = 512;
const NAME_BYTES = 100;

/** One entry's head in a tar file. */
export interface TarHead {
  readonly name: string;
  readonly sizeBytes: number;
  /** As in the format: `0` a file, `5` a folder, `1` and `2` links, `3` and `4` devices, and so on. */
  readonly type: string;
}

/** Bytes from the end of a file to the next head. */
export const tarPadding = (sizeBytes: number): number =>
  (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;

/** The end of a tar file. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK_BYTES);

/**
 * The head of one entry, 512 bytes, with a fixed time and owner, so that equal files make equal archives.
 *
 * @throws RangeError for a name above 100 bytes, which this format cannot hold
 */
export function encodeTarHead({ name, sizeBytes, type }: TarHead, mode = 0o644): Uint8Array {
  const head = Buffer.alloc(BLOCK_BYTES);
  if (Buffer.byteLength(name) > NAME_BYTES)
    throw new RangeError(`A name in a tar has at most ${NAME_BYTES} bytes.`);
  head.write(name, 0);
  head.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write(' '.repeat(8), 148);
  head.write(type, 156);
  head.write('ustar\x0000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

/**
 * Reads a head; null for the empty block that ends an archive.
 *
 * @throws RangeError that says what is wrong with it
 */
export function decodeTarHead(block: Uint8Array): TarHead | null {
  const head = Buffer.from(block.buffer, block.byteOffset, BLOCK_BYTES);
  if (head.every((byte) => byte === 0)) return null;
  const blank = head.subarray(148, 156).reduce((total, byte) => total + byte, 0);
  const sum = head.reduce((total, byte) => total + byte, 0) - blank + 8 * 0x20;
  if (octal(head, 148, 8) !== sum) throw new RangeError('the checksum of a head is wrong');
  const name = text(head, 0, NAME_BYTES);
  const prefix = head.toString('latin1', 257, 262) === 'ustar' ? text(head, 345, 155) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    sizeBytes: size(head),
    type: head[156] === 0 ? '0' : String.fromCharCode(head[156]!),
  };
}

function text(head: Buffer, at: number, length: number): string {
  const part = head.subarray(at, at + length);
  const end = part.indexOf(0);
  return part.toString('utf8', 0, end < 0 ? length : end);
}

/** Sizes of 8 GiB and more are binary, marked by the first bit. */
function size(head: Buffer): number {
  if ((head[124]! & 0x80) === 0) return octal(head, 124, 12);
  const value = head.readBigUInt64BE(128);
  if (head.readUInt32BE(124) !== 0x80000000 || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new RangeError('a size is out of range');
  return Number(value);
}

function octal(head: Buffer, at: number, length: number): number {
  const digits = head
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trimStart();
  if (!/^[0-7]{0,12}$/.test(digits)) throw new RangeError('a number is not octal');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}
