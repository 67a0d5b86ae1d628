import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTraceparent, nextContext, parseTraceparent } from '../../src/index.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';
const random = { bytes: (length: number) => new Uint8Array(length).fill(7) };

describe('a traceparent', () => {
  it('is read and written as the standard has it', () => {
    const header = `00-${trace}-${span}-01`;
    expect(parseTraceparent(header)).toEqual({ traceId: trace, spanId: span, isSampled: true });
    expect(formatTraceparent(parseTraceparent(header)!)).toBe(header);
    expect(parseTraceparent(`00-${trace}-${span}-02`)?.isSampled).toBe(false);
  });

  it('of a later version is read as far as version 00 goes', () => {
    expect(parseTraceparent(`cc-${trace}-${span}-01-what-comes`)?.traceId).toBe(trace);
    expect(parseTraceparent(`cc-${trace}-${span}-01`)?.traceId).toBe(trace);
    expect(parseTraceparent(`cc-${trace}-${span}-01x`)).toBeNull();
  });

  it.each([
    ['nothing', undefined],
    ['two headers', ['00-a', '00-b']],
    ['an empty text', ''],
    ['version ff', `ff-${trace}-${span}-01`],
    ['more behind version 00', `00-${trace}-${span}-01-x`],
    ['capital letters', `00-${trace.toUpperCase()}-${span}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${span}-01`],
    ['a span of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
    ['a short trace', `00-${trace.slice(1)}-${span}-01`],
    ['a line break', `00-${trace}-${span}-01\n`],
    ['spaces', ` 00-${trace}-${span}-01`],
    ['an endless text', `cc-${trace}-${span}-01-${'x'.repeat(1e6)}`],
  ])('that is %s is not followed', (_what, header) => {
    expect(parseTraceparent(header)).toBeNull();
  });

  it('of any bytes is refused or comes out as it went in', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)),
        (text) => {
          const context = parseTraceparent(text);
          if (context !== null) expect(text.slice(3, 52)).toBe(formatTraceparent(context).slice(3, 52));
        },
      ),
    );
  });

  it('goes on with the trace and whether it is sampled', () => {
    const parent = parseTraceparent(`00-${trace}-${span}-00`);
    expect(nextContext(random, parent)).toEqual({
      traceId: trace,
      spanId: '07'.repeat(8),
      isSampled: false,
    });
    expect(nextContext(random, null)).toMatchObject({ traceId: '07'.repeat(16), isSampled: true });
  });
});
