import type { Stream, Transport } from '@cairn/protocol';

/** All bytes that went over some links, frame after frame. */
export interface Tap {
  wrap(transport: Transport): Transport;
  readonly frames: readonly Buffer[];
}

export function createTap(): Tap {
  const frames: Buffer[] = [];
  const note = (bytes: Uint8Array) => frames.push(Buffer.from(bytes));

  function tapped(stream: Stream): Stream {
    return {
      remote: stream.remote,
      protocol: stream.protocol,
      write(frame) {
        note(frame);
        return stream.write(frame);
      },
      async read() {
        const frame = await stream.read();
        if (frame !== null) note(frame);
        return frame;
      },
      closeWrite: () => stream.closeWrite(),
      abort(reason) {
        note(Buffer.from(reason));
        stream.abort(reason);
      },
    };
  }

  return {
    frames,
    wrap: (transport) => ({
      peer: transport.peer,
      dial: async (peer, protocol, options) => tapped(await transport.dial(peer, protocol, options)),
      listen: (protocol, handler) => transport.listen(protocol, (stream) => handler(tapped(stream))),
      [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
    }),
  };
}

/** The ways in which a text could be on a wire. */
export function formsOf(text: string, tokenIds: readonly number[]): ReadonlyMap<string, Buffer> {
  const utf8 = Buffer.from(text, 'utf8');
  const utf16 = Buffer.from(text, 'utf16le');
  const forms = new Map<string, Buffer>([
    ['utf8', utf8],
    ['utf16le', utf16],
    ['utf16be', Buffer.from(utf16).swap16()],
    ['reversed', Buffer.from(utf8).reverse()],
    ['hex', Buffer.from(utf8.toString('hex'))],
    ['HEX', Buffer.from(utf8.toString('hex').toUpperCase())],
    ['percent', Buffer.from([...utf8].map((byte) => `%${byte.toString(16)}`).join(''))],
    [
      'json escapes',
      Buffer.from([...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')),
    ],
    ['upper case', Buffer.from(text.toUpperCase())],
  ]);
  for (const encoding of ['base64', 'base64url'] as const) {
    for (const shift of [0, 1, 2]) {
      // The middle of the text as base64 shows it when `shift` bytes come before; the ends depend on neighbours.
      const shifted = Buffer.concat([Buffer.alloc(shift), utf8]).toString(encoding);
      const whole = Math.floor((shift + utf8.length) / 3) * 4;
      forms.set(`${encoding} at ${shift}`, Buffer.from(shifted.slice(shift === 0 ? 0 : 4, whole)));
    }
  }
  if (tokenIds.length > 0) {
    const words = (bytes: number, isLittle: boolean) => {
      const out = Buffer.alloc(bytes * tokenIds.length);
      for (const [at, id] of tokenIds.entries()) {
        if (bytes === 4) isLittle ? out.writeUInt32LE(id, 4 * at) : out.writeUInt32BE(id, 4 * at);
        else isLittle ? out.writeUInt16LE(id & 0xffff, 2 * at) : out.writeUInt16BE(id & 0xffff, 2 * at);
      }
      return out;
    };
    forms.set('token ids u32 le', words(4, true));
    forms.set('token ids u32 be', words(4, false));
    // A lone id of 16 bits is somewhere by chance.
    if (tokenIds.length > 1) {
      forms.set('token ids u16 le', words(2, true));
      forms.set('token ids u16 be', words(2, false));
      forms.set('token ids in json', Buffer.from(tokenIds.join(',')));
    }
  }
  return forms;
}

/** Where on the wire one of these texts is, in any form; empty: nowhere. Each frame alone, and all of them in a row. */
export function findOnWire(frames: readonly Buffer[], forms: ReadonlyMap<string, Buffer>): string[] {
  const row = Buffer.concat(frames);
  return [...forms].filter(([, bytes]) => bytes.length > 0 && row.includes(bytes)).map(([name]) => name);
}
