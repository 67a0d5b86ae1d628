import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, frameOf } from '../../src/abci/frame.ts';

const join = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

describe('frames', () => {
  it('come out as they went in, wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 }),
        fc.array(fc.nat(2_000), { maxLength: 12 }),
        (messages, cuts) => {
          const stream = join(messages.map(frameOf));
          const reader = createFrameReader();
          const places = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
            (a, b) => a - b,
          );
          const read: Uint8Array[] = [];
          let from = 0;
          for (const to of places) {
            read.push(...reader.push(stream.subarray(from, to)));
            from = to;
          }
          expect(read.map((message) => [...message])).toEqual(messages.map((message) => [...message]));
        },
      ),
    );
  });

  it('come out when each byte comes alone, at every length of the length', () => {
    for (const length of [0, 1, 127, 128, 16_383, 16_384]) {
      const message = new Uint8Array(length).fill(7);
      const reader = createFrameReader();
      const read = [...frameOf(message)].flatMap((byte) => reader.push(Uint8Array.of(byte)));
      expect(read, `length ${length}`).toEqual([message]);
    }
  });

  it('are cut at every single byte without a difference', () => {
    const messages = [new Uint8Array(200).fill(1), new Uint8Array(0), new Uint8Array(130).fill(2)];
    const stream = join(messages.map(frameOf));
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = createFrameReader();
      const read = [...reader.push(stream.subarray(0, cut)), ...reader.push(stream.subarray(cut))];
      expect(read, `cut at ${cut}`).toEqual(messages);
    }
  });

  it('of an announced length above the bound are refused at once, and so is all that follows', () => {
    const reader = createFrameReader(1_000);
    expect(reader.push(frameOf(new Uint8Array(1_000)))).toHaveLength(1);
    expect(() => reader.push(Uint8Array.of(0xe9, 0x07))).toThrow('1001 bytes were announced');
    expect(() => reader.push(frameOf(new Uint8Array(1)))).toThrow('1001 bytes were announced');
  });

  it('with an endless or padded length are refused', () => {
    const endless = createFrameReader();
    expect(() => endless.push(new Uint8Array(16).fill(0xff))).toThrow('more than 5 bytes');
    const padded = createFrameReader();
    expect(() => padded.push(Uint8Array.of(0x81, 0x80, 0x00))).toThrow('not written the short way');
  });
});
