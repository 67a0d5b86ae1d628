/** Deepest nesting that CTAP2 allows in its CBOR. */
const MAX_DEPTH = 4;

/**
 * Whether `bytes` are one CBOR map of definite length and nothing else. Only the form is walked, as far
 * as CTAP2 permits it: shortest lengths, no indefinite lengths, no tags, at most four levels.
 */
export function isSingleCborMap(bytes: Uint8Array): boolean {
  const first = bytes[0];
  return first !== undefined && first >> 5 === 5 && endOfItem(bytes, 0, 1) === bytes.length;
}

/** Offset after the item at `start`, or −1 when there is no well-formed item. */
function endOfItem(bytes: Uint8Array, start: number, depth: number): number {
  const first = bytes[start];
  if (first === undefined || depth > MAX_DEPTH) return -1;
  const major = first >> 5;
  const head = readArgument(bytes, start);
  if (head === null) return -1;
  switch (major) {
    case 0:
    case 1:
      return head.end;
    case 2:
    case 3:
      return head.value <= bytes.length - head.end ? head.end + head.value : -1;
    case 4:
    case 5: {
      const items = major === 4 ? head.value : 2 * head.value;
      let offset = head.end;
      for (let i = 0; i < items && offset >= 0; i++) offset = endOfItem(bytes, offset, depth + 1);
      return offset;
    }
    case 7:
      // false, true, null and undefined; floats and other simple values are no part of CTAP2.
      return head.value >= 20 && head.value <= 23 ? head.end : -1;
    default:
      return -1;
  }
}

function readArgument(bytes: Uint8Array, start: number): { value: number; end: number } | null {
  const short = (bytes[start] as number) & 0x1f;
  if (short < 24) return { value: short, end: start + 1 };
  if (short > 27) return null;
  const size = 1 << (short - 24);
  if (start + 1 + size > bytes.length) return null;
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[start + 1 + i] as number);
  const least = [24, 0x100, 0x1_0000, 0x1_0000_0000][short - 24] as number;
  return value >= least ? { value, end: start + 1 + size } : null;
}
