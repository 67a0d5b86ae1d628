import { decodeTarHead, type TarHead, tarPadding } from './tar.ts';

const BLOCK_BYTES = 512;
/** Longest record that gives the next entry a longer name. */
const MAX_EXTENSION_BYTES = 64 * 1024;

export interface LayerScan {
  /** Looks at the next bytes of an unpacked layer. @throws RangeError that says what is refused */
  add(bytes: Uint8Array): void;
  /** @throws RangeError when the layer ended in the middle */
  end(): void;
}

/**
 * Looks through a layer without writing any of it: its entries are counted, none may lead out of the image, and none
 * may be a device.
 */
export function createLayerScan(maxEntries: number): LayerScan {
  let block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  /** Bytes of the entry at hand that are still to come, padding included. */
  let toSkip = 0;
  let extension: { type: string; parts: Uint8Array[]; leftBytes: number } | null = null;
  let longName: string | null = null;
  let longLink: string | null = null;
  let entries = 0;

  function takeHead(head: TarHead): void {
    const { sizeBytes, type } = head;
    // Only files and these records have bytes; sizes of links and folders say nothing.
    const hasBytes = !'123456'.includes(type);
    toSkip = hasBytes ? sizeBytes + tarPadding(sizeBytes) : 0;
    if ('xLK'.includes(type)) {
      if (sizeBytes > MAX_EXTENSION_BYTES)
        throw new RangeError(`a name has more than ${MAX_EXTENSION_BYTES} bytes`);
      extension = { type, parts: [], leftBytes: sizeBytes };
      return;
    }
    if (type === 'g') return;
    entries += 1;
    if (entries > maxEntries) throw new RangeError(`it has more than ${maxEntries} entries`);
    if (type === '3' || type === '4') throw new RangeError('it has a device');
    if (type === 'S') throw new RangeError('it has a sparse file');
    refuseEscape(longName ?? head.name);
    // A hard link names a file of the image by its whole path; a symbolic one is text and is followed inside only.
    if (type === '1' && longLink !== null) refuseEscape(longLink);
    longName = null;
    longLink = null;
  }

  function takeExtension(bytes: Uint8Array): void {
    const { type, parts } = extension!;
    const part = bytes.slice(0, extension!.leftBytes);
    parts.push(part);
    extension!.leftBytes -= part.length;
    if (extension!.leftBytes > 0) return;
    const text = Buffer.concat(parts).toString('utf8');
    extension = null;
    if (type === 'L') longName = text.replace(/\0.*$/s, '');
    else if (type === 'K') longLink = text.replace(/\0.*$/s, '');
    else {
      const record = readPax(text);
      longName = record.get('path') ?? longName;
      longLink = record.get('linkpath') ?? longLink;
      // A size here would hide entries from whoever reads the other one.
      if (record.has('size')) throw new RangeError('a record overrides the size of an entry');
    }
  }

  return {
    add(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (toSkip > 0) {
          const length = Math.min(toSkip, bytes.length - at);
          if (extension !== null) takeExtension(bytes.subarray(at, at + length));
          toSkip -= length;
          at += length;
          continue;
        }
        const length = Math.min(BLOCK_BYTES - filled, bytes.length - at);
        block.set(bytes.subarray(at, at + length), filled);
        filled += length;
        at += length;
        if (filled < BLOCK_BYTES) continue;
        const head = decodeTarHead(block);
        block = new Uint8Array(BLOCK_BYTES);
        filled = 0;
        if (head !== null) takeHead(head);
      }
    },
    end() {
      if (toSkip > 0 || filled > 0) throw new RangeError('it ends in the middle of an entry');
    },
  };
}

function refuseEscape(name: string): void {
  if (name.startsWith('/') || name.split('/').includes('..'))
    throw new RangeError('a name in it leads out of the image');
}

/** Lines `LENGTH KEY=VALUE\n`; the length counts itself. */
function readPax(text: string): Map<string, string> {
  const record = new Map<string, string>();
  const bytes = Buffer.from(text, 'utf8');
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString('latin1', at, Math.max(at, space)));
    if (space < 0 || !Number.isInteger(length) || length <= space - at + 1 || at + length > bytes.length)
      throw new RangeError('a record of names is malformed');
    const [key = '', ...value] = bytes.toString('utf8', space + 1, at + length - 1).split('=');
    record.set(key, value.join('='));
    at += length;
  }
  return record;
}
