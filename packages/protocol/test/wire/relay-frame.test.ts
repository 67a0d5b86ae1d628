import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeForwardFrame,
  decodeRelayAnswerFrame,
  encodeRelayFrame,
  ProtocolError,
} from '../../src/index.ts';

const answers = [{ type: 'ready' }, { type: 'refused', code: 'BUSY', message: 'Later.' }] as const;

describe('relay frames', () => {
  it('come back as they were', () => {
    const forward = { type: 'forward', peer: 'p'.repeat(200) } as const;
    expect(decodeForwardFrame(encodeRelayFrame(forward))).toEqual(forward);
    for (const answer of answers) expect(decodeRelayAnswerFrame(encodeRelayFrame(answer))).toEqual(answer);
  });

  it('are refused when anything is off', () => {
    const codes = [
      () => decodeForwardFrame(encodeRelayFrame({ type: 'forward', peer: 'p'.repeat(201) })),
      () => decodeForwardFrame(encodeRelayFrame({ type: 'ready' })),
      () => decodeForwardFrame(new Uint8Array(257)),
      () => decodeRelayAnswerFrame(encodeRelayFrame({ type: 'forward', peer: 'p' })),
      () => decodeRelayAnswerFrame(encodeRelayFrame({ ...answers[1], code: 'MAYBE' as 'BUSY' })),
      () => decodeRelayAnswerFrame(new Uint8Array(2049)),
    ].map((decode) => {
      try {
        return `decoded ${JSON.stringify(decode())}`;
      } catch (error) {
        return error instanceof ProtocolError ? error.code : String(error);
      }
    });
    const [malformed, large] = ['FRAME_MALFORMED', 'FRAME_TOO_LARGE'];
    expect(codes).toEqual([malformed, malformed, large, malformed, malformed, large]);
  });

  it('never fail in another way', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const decode of [decodeForwardFrame, decodeRelayAnswerFrame]) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        }
      }),
    );
  });
});
