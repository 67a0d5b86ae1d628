import { MAX_FRAME_BYTES } from '@cairn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createFrameReader,
  encodeAbort,
  encodeCredit,
  encodeData,
  encodeEnd,
  reasonOf,
  type WireFrame,
} from '../../src/libp2p/frames.ts';

const frames = fc.array(
  fc.oneof(
    fc
      .uint8Array({ maxLength: 9000 })
      .map((body): readonly [Uint8Array, WireFrame] => [encodeData(body), { kind: 'data', body }]),
    fc
      .integer({ min: 1, max: 0x3fffffff })
      .map((bytes): readonly [Uint8Array, WireFrame] => [encodeCredit(bytes), { kind: 'credit', bytes }]),
    fc.constant([encodeEnd(), { kind: 'end', body: new Uint8Array(0) }] as readonly [Uint8Array, WireFrame]),
  ),
  { maxLength: 8 },
);

function readAll(bytes: Uint8Array, pieceBytes: number): WireFrame[] {
  const reader = createFrameReader();
  const got: WireFrame[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes), (frame) => got.push(frame));
  }
  expect(reader.isPartial).toBe(false);
  expect(reader.takenBytes).toBe(0);
  return got;
}

describe('frames on the wire', () => {
  it('come out as they went in, in pieces of any size', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 5000 }), (sent, pieceBytes) => {
        const wire = new Uint8Array(sent.reduce((sum, [bytes]) => sum + bytes.length, 0));
        let at = 0;
        for (const [bytes] of sent) {
          wire.set(bytes, at);
          at += bytes.length;
        }
        expect(readAll(wire, pieceBytes)).toEqual(sent.map(([, frame]) => frame));
      }),
    );
  });

  it('never take more than twice what has arrived of a frame, and a first page', () => {
    const reader = createFrameReader();
    reader.push(encodeData(new Uint8Array(MAX_FRAME_BYTES)).subarray(0, 4), () => undefined);
    expect(reader.isPartial).toBe(true);
    expect(reader.takenBytes).toBe(0);
    for (let arrived = 1; arrived <= 20_000; arrived++) {
      reader.push(Uint8Array.of(0), () => undefined);
      expect(reader.takenBytes, `after ${arrived} bytes`).toBeLessThanOrEqual(Math.max(4096, 2 * arrived));
    }
  });

  it.each([
    ['one byte too many', [0x00, 0x40, 0x00, 0x01]],
    ['all bits of a length', [0x3f, 0xff, 0xff, 0xff]],
    ['an end with a body', [0x40, 0x00, 0x00, 0x01]],
    ['a reason of a megabyte', [0x80, 0x10, 0x00, 0x00]],
    ['text', [...new TextEncoder().encode('GET / HTTP/1.1')]],
  ])('refuse %s before anything is taken for it', (_, bytes) => {
    const reader = createFrameReader();
    expect(() => reader.push(Uint8Array.from(bytes), () => undefined)).toThrow(RangeError);
    expect(reader.takenBytes).toBe(0);
  });

  it('carry a reason cut to its limit and free of control characters', () => {
    const reader = createFrameReader();
    const got: WireFrame[] = [];
    reader.push(encodeAbort(`\u001b[2J${'ä'.repeat(300)}`), (frame) => got.push(frame));
    const [frame] = got;
    expect(frame?.kind).toBe('abort');
    const reason = frame !== undefined && 'body' in frame ? reasonOf(frame.body) : '';
    expect(reason).toMatch(/^\?\[2Jä+$/);
    expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(200);
  });
});
