import { encode as encodeCbor } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BlobFrame,
  decodeBlobFrame,
  decodeWantFrame,
  encodeBlobFrame,
  MAX_BLOB_BYTES,
  MAX_BLOB_PART_BYTES,
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

describe('blob frames', () => {
  it('come back as they were sent', () => {
    const id = new Uint8Array(32).fill(5);
    expect(decodeWantFrame(encodeBlobFrame({ type: 'want', id }))).toEqual({ type: 'want', id });
    const frames: readonly BlobFrame[] = [
      { type: 'size', sizeBytes: MAX_BLOB_BYTES },
      { type: 'part', bytes: new Uint8Array(MAX_BLOB_PART_BYTES).fill(1) },
      { type: 'absent' },
    ];
    for (const frame of frames) expect(decodeBlobFrame(encodeBlobFrame(frame)), frame.type).toEqual(frame);
  });

  it.each([
    ['a short id', { type: 'want', id: new Uint8Array(31) }],
    ['another field', { type: 'want', id: new Uint8Array(32), more: 1 }],
    ['an answer', { type: 'absent' }],
  ])('refuses %s as a request', (_, value) => {
    expect(refused(() => decodeWantFrame(encodeCbor(value)))).toBe('FRAME_MALFORMED');
  });

  it.each([
    ['a size above the bound', { type: 'size', sizeBytes: MAX_BLOB_BYTES + 1 }],
    ['no size', { type: 'size', sizeBytes: 0 }],
    ['a negative size', { type: 'size', sizeBytes: -1 }],
    ['an empty part', { type: 'part', bytes: new Uint8Array(0) }],
    ['a part of text', { type: 'part', bytes: 'abc' }],
    ['another type', { type: 'gift' }],
    ['a request', { type: 'want', id: new Uint8Array(32) }],
  ])('refuses %s as an answer', (_, value) => {
    expect(refused(() => decodeBlobFrame(encodeCbor(value)))).toBe('FRAME_MALFORMED');
  });

  it('refuses frames above their size before it reads them', () => {
    const part = { type: 'part', bytes: new Uint8Array(MAX_BLOB_PART_BYTES + 100) };
    expect(refused(() => decodeBlobFrame(encodeCbor(part)))).toBe('FRAME_TOO_LARGE');
    expect(refused(() => decodeWantFrame(new Uint8Array(1_000)))).toBe('FRAME_TOO_LARGE');
  });

  it('never fail on any bytes but with a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const decode of [decodeWantFrame, decodeBlobFrame])
          expect(['FRAME_MALFORMED', 'nothing was thrown']).toContain(refused(() => decode(bytes)));
      }),
    );
  });
});
