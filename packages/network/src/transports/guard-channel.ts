/** Longest message, and longest frame without its length, that the library sends on a channel. */
const MOST_BYTES = 16 * 1024;
/** The highest bit of a byte of a length says that another follows; three hold any that is allowed. */
const MORE = 0x80;
const MOST_LENGTH_BYTES = 3;

/** What a channel of WebRTC is to the guard; the types of Node know none. */
export interface Channel {
  dispatchEvent(event: { readonly type: string; readonly data?: unknown }): boolean;
  close(): void;
}

/**
 * Closes a channel of WebRTC at the first message that the library would not have sent: what is text it would take for
 * a number of bytes to allocate, and the parts of a long frame it would keep uncounted.
 */
export function guardChannel(channel: Channel): void {
  const dispatch = channel.dispatchEvent.bind(channel);
  const isGood = createFrameCheck();
  channel.dispatchEvent = (event) => {
    if (event.type !== 'message' || isGood(event.data)) return dispatch(event);
    channel.close();
    return false;
  };
}

/** Follows the frames of a channel, each a length as a varint and as many bytes, over its messages. */
export function createFrameCheck(): (message: unknown) => boolean {
  let restBytes = 0;
  let length = 0;
  let lengthBytes = 0;

  function takeLength(byte: number): boolean {
    length += (byte & ~MORE) * 128 ** lengthBytes;
    lengthBytes += 1;
    if (byte >= MORE) return lengthBytes < MOST_LENGTH_BYTES;
    restBytes = length;
    length = 0;
    lengthBytes = 0;
    return restBytes <= MOST_BYTES;
  }

  return (message) => {
    if (!(message instanceof ArrayBuffer) || message.byteLength > MOST_BYTES) return false;
    const bytes = new Uint8Array(message);
    for (let at = 0; at < bytes.length; ) {
      if (restBytes === 0) {
        if (!takeLength(bytes[at] ?? 0)) return false;
        at += 1;
      } else {
        const taken = Math.min(restBytes, bytes.length - at);
        restBytes -= taken;
        at += taken;
      }
    }
    return true;
  };
}
