import { encode as encodeCbor } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ClientFrame,
  decodeClientFrame,
  decodeInferBody,
  decodeServerFrame,
  encodeFrame,
  encodeInferBody,
  type InferBody,
  MAX_INFER_BODY_BYTES,
  ProtocolError,
  type ServerFrame,
} from '../../src/index.ts';

const delta: ServerFrame = {
  type: 'delta',
  text: 'héllo',
  tokens: 2,
  tokenIds: [1, 4_000_000_000],
  logprobs: [{ tokenId: 1, text: 'h', logprob: -0.25, top: [{ tokenId: 1, text: 'h', logprob: -0.25 }] }],
};
const serverFrames: readonly ServerFrame[] = [
  { type: 'accepted', promptTokens: null, trancheTokens: 64, prepayTokens: 0, missed: [Uint8Array.of(1)] },
  delta,
  { type: 'usage', promptTokens: 1, cachedTokens: 0, completionTokens: 2 },
  { type: 'receipt', receipt: Uint8Array.of(1, 2) },
  { type: 'error', code: 'BUSY', message: 'Later.' },
];
const clientFrames: readonly ClientFrame[] = [
  {
    type: 'open',
    authorization: Uint8Array.of(9),
    voucher: Uint8Array.of(1),
    idempotencyKey: 'k',
    body: Uint8Array.of(2),
  },
  {
    type: 'sealed-open',
    authorization: Uint8Array.of(9),
    voucher: Uint8Array.of(1),
    idempotencyKey: 'k',
    requestHash: new Uint8Array(32),
    artifact: new Uint8Array(32),
    sealed: Uint8Array.of(2),
  },
  { type: 'voucher', voucher: Uint8Array.of(3) },
  { type: 'cancel' },
];
const body: InferBody = {
  artifact: new Uint8Array(32).fill(7),
  endpoint: 'chat',
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'hi' }] },
  params: { maxTokens: 5, temperature: 0.7, topP: 1, seed: null, stop: ['\n'], topLogprobs: 0 },
  salt: new Uint8Array(16),
};

/** Frames of a stream, most of them plain; ids and texts at every length of their heads. */
const anyDelta = fc.record({
  type: fc.constant('delta' as const),
  text: fc.string({ unit: 'grapheme', maxLength: 300 }),
  tokens: fc.nat({ max: 4_096 }),
  tokenIds: fc.option(
    fc.array(
      fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 70_000 }), fc.integer({ min: 0, max: 0xffff_ffff })),
      {
        maxLength: 30,
      },
    ),
  ),
  logprobs: fc.constant(null),
});

describe('a delta frame', () => {
  it('comes back as it was, and no other bytes read as it', () => {
    fc.assert(
      fc.property(anyDelta, fc.nat(), fc.nat({ max: 255 }), (frame, place, byte) => {
        const bytes = encodeFrame(frame);
        expect(decodeServerFrame(bytes)).toEqual(frame);
        const changed = bytes.slice();
        changed[place % bytes.length] = byte;
        for (const other of [changed, bytes.slice(0, place % bytes.length), Uint8Array.of(...bytes, byte)]) {
          let read: ServerFrame;
          try {
            read = decodeServerFrame(other);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
            continue;
          }
          expect(encodeFrame(read), 'read from other bytes').toEqual(other);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function refused(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).code;
  }
  return 'nothing was thrown';
}

describe('inference frames', () => {
  it('come back as they were sent', () => {
    for (const frame of serverFrames)
      expect(decodeServerFrame(encodeFrame(frame)), frame.type).toEqual(frame);
    for (const frame of clientFrames)
      expect(decodeClientFrame(encodeFrame(frame)), frame.type).toEqual(frame);
    for (const prompt of [
      body.prompt,
      { kind: 'text', text: 'x' },
      { kind: 'tokens', tokenIds: [1, 2] },
    ] as const) {
      expect(decodeInferBody(encodeInferBody({ ...body, prompt }))).toEqual({ ...body, prompt });
    }
  });

  it.each([
    ['an unknown field', { type: 'cancel', extra: 1 }],
    ['a missing field', { type: 'voucher' }],
    ['an unknown type', { type: 'constructor' }],
    ['a field of another type', { type: 'voucher', voucher: 'text' }],
    ['no map', [1]],
    ['null', null],
  ])('refuse %s', (_what, value) => {
    expect(refused(() => decodeClientFrame(encodeCbor(value)))).toBe('FRAME_MALFORMED');
  });

  it.each([
    ['indefinite lengths', [0xbf, 0xff]],
    ['a longer integer than needed', [0xa1, 0x64, 0x74, 0x79, 0x70, 0x65, 0x18, 0x01]],
    ['trailing bytes', [...encodeFrame({ type: 'cancel' }), 0]],
    ['a repeated key', [0xa2, 0x61, 0x61, 0x01, 0x61, 0x61, 0x01]],
    ['NaN', [0xf9, 0x7e, 0x00]],
    ['a tag', [0xc1, 0x01]],
    ['nothing', []],
  ])('refuse %s', (_what, bytes) => {
    expect(refused(() => decodeClientFrame(Uint8Array.from(bytes)))).toBe('FRAME_MALFORMED');
  });

  it('refuse unsorted keys, which would give one frame two encodings', () => {
    const sorted = encodeFrame({ type: 'usage', promptTokens: 1, cachedTokens: 0, completionTokens: 2 });
    expect(decodeServerFrame(sorted).type).toBe('usage');
    const swapped = [0xa2, 0x61, 0x62, 0x01, 0x61, 0x61, 0x01];
    expect(refused(() => decodeServerFrame(Uint8Array.from(swapped)))).toBe('FRAME_MALFORMED');
  });

  it('refuse nesting that would exhaust the stack, and lists longer than the frame', () => {
    expect(refused(() => decodeClientFrame(new Uint8Array(100_000).fill(0x81)))).toBe('FRAME_MALFORMED');
    expect(refused(() => decodeClientFrame(Uint8Array.of(0x9b, 0, 0, 0, 1, 0, 0, 0, 0)))).toBe(
      'FRAME_MALFORMED',
    );
    expect(refused(() => decodeInferBody(new Uint8Array(MAX_INFER_BODY_BYTES + 1)))).toBe('FRAME_TOO_LARGE');
  });

  it('throw only protocol errors for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of [decodeClientFrame, decodeServerFrame, decodeInferBody]) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('throw only protocol errors when a byte of a good frame is changed', () => {
    const good = [...clientFrames, ...serverFrames].map(encodeFrame);
    fc.assert(
      fc.property(
        fc.constantFrom(...good),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (frame, place, flip) => {
          const bytes = frame.slice();
          const at = place % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ flip;
          for (const decode of [decodeClientFrame, decodeServerFrame]) {
            try {
              expect(encodeFrame(decode(bytes))).toEqual(bytes);
            } catch (error) {
              expect(error).toBeInstanceOf(ProtocolError);
            }
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
