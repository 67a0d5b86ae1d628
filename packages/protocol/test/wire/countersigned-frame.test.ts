import { encode as encodeCbor } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CountersignedFrame,
  decodeCountersignedFrame,
  decodeWantCountersignedFrame,
  encodeCountersignedFrame,
  MAX_WANTED_REQUESTS,
  ProtocolError,
} from '../../src/index.ts';

function refused(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).code;
  }
  return 'nothing was thrown';
}

const hash = new Uint8Array(32).fill(5);

describe('countersigned frames', () => {
  it('come back as they were sent, at their largest too', () => {
    const want = { type: 'want', payer: hash, requests: Array(MAX_WANTED_REQUESTS).fill(hash) } as const;
    expect(decodeWantCountersignedFrame(encodeCountersignedFrame(want))).toEqual(want);
    const frames: readonly CountersignedFrame[] = [
      { type: 'countersigned', bytes: new Uint8Array(16 * 1024).fill(1) },
      { type: 'absent' },
    ];
    for (const frame of frames)
      expect(decodeCountersignedFrame(encodeCountersignedFrame(frame)), frame.type).toEqual(frame);
  });

  it.each([
    ['no requests', { type: 'want', payer: hash, requests: [] }],
    ['a short hash', { type: 'want', payer: hash, requests: [new Uint8Array(31)] }],
    ['a short payer', { type: 'want', payer: new Uint8Array(5), requests: [hash] }],
    ['another field', { type: 'want', payer: hash, requests: [hash], more: 1 }],
    ['an answer', { type: 'absent' }],
  ])('refuses %s as a question', (_, value) => {
    expect(refused(() => decodeWantCountersignedFrame(encodeCbor(value)))).toBe('FRAME_MALFORMED');
  });

  it.each([
    ['no bytes', { type: 'countersigned', bytes: new Uint8Array(0) }],
    ['text', { type: 'countersigned', bytes: 'abc' }],
    ['a question', { type: 'want', payer: hash, requests: [hash] }],
  ])('refuses %s as an answer', (_, value) => {
    expect(refused(() => decodeCountersignedFrame(encodeCbor(value)))).toBe('FRAME_MALFORMED');
  });

  it('refuses frames above their size before it reads them', () => {
    const many = { type: 'want', payer: hash, requests: Array(MAX_WANTED_REQUESTS + 10).fill(hash) } as const;
    expect(refused(() => decodeWantCountersignedFrame(encodeCountersignedFrame(many)))).toBe(
      'FRAME_TOO_LARGE',
    );
    expect(refused(() => decodeCountersignedFrame(new Uint8Array(20_000)))).toBe('FRAME_TOO_LARGE');
  });

  it('refuses any bytes with its own error, never another', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const read of [decodeWantCountersignedFrame, decodeCountersignedFrame])
          expect(refused(() => read(bytes))).toBe('FRAME_MALFORMED');
      }),
    );
  });
});
