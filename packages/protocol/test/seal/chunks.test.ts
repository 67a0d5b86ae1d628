import { utf8ToBytes } from '@cairn/core';
import { openRequest, sealRequest } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { binding, classicKeys, codeOf, crypto, key, named, randomOf } from './parts.ts';

/** A request of its own, its opener and its sealer. */
function anExchange(name: string, responseNonce = named(`nonce ${name}`)) {
  const request = sealRequest(crypto, classicKeys, binding, utf8ToBytes('?'), randomOf(name));
  const opened = openRequest(crypto, [key], binding, request.bytes);
  return { opener: request.opener, sealer: opened.sealer(responseNonce), opened, request };
}

const text = (part: string) => utf8ToBytes(part);

describe('a sealed answer', () => {
  it('comes piece by piece, the last one marked', () => {
    const { opener, sealer } = anExchange('a');
    const pieces = ['one', 'two', ''].map((part, index) => sealer.seal(text(part), index === 2));
    expect(opener.open(pieces[0] as Uint8Array)).toEqual(text('one'));
    expect(opener.open(pieces[1] as Uint8Array)).toEqual(text('two'));
    expect(opener.isOver).toBe(false);
    expect(opener.open(pieces[2] as Uint8Array)).toEqual(text(''));
    expect(opener.isOver).toBe(true);
    expect(codeOf(() => opener.open(pieces[2] as Uint8Array))).toBe('SEAL_BROKEN');
    expect(codeOf(() => sealer.seal(text('more'), false))).toBe('SEAL_BROKEN');
  });

  it('shows a swap, a repetition, a gap and a lie about the end', () => {
    const hostile: readonly ((pieces: Uint8Array[]) => Uint8Array[])[] = [
      ([a, b, c]) => [a, c, b] as Uint8Array[],
      ([a, b]) => [a, b, b] as Uint8Array[],
      ([a, , c]) => [a, c] as Uint8Array[],
      ([a]) => [a, a] as Uint8Array[],
      ([a, b]) => [a, Uint8Array.of(2, ...(b as Uint8Array).subarray(1))] as Uint8Array[],
      ([a]) => [a, text('{}')] as Uint8Array[],
      ([a]) => [a, new Uint8Array(0)] as Uint8Array[],
      ([a, b]) => [a, (b as Uint8Array).subarray(0, 200)] as Uint8Array[],
    ];
    for (const [index, change] of hostile.entries()) {
      const { opener, sealer } = anExchange('b');
      const pieces = change(['one', 'two', 'three'].map((part) => sealer.seal(text(part), false)));
      const codes = pieces.map((piece) => codeOf(() => opener.open(piece)));
      expect(codes, `change ${index}`).toContain('SEAL_BROKEN');
      // After that nothing opens, and it has no end.
      expect(codeOf(() => opener.open(sealer.seal(text('four'), true)))).toBe('SEAL_BROKEN');
      expect(opener.isOver).toBe(false);
    }
  });

  it('does not open with any bit changed', () => {
    const { sealer, request } = anExchange('c');
    const piece = sealer.seal(text('one'), false);
    for (let at = 0; at < piece.length; at++) {
      const changed = piece.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const { opener } = sealRequest(crypto, classicKeys, binding, utf8ToBytes('?'), randomOf('c'));
      expect(
        codeOf(() => opener.open(changed)),
        `byte ${at}`,
      ).toBe('SEAL_BROKEN');
    }
    expect(request.opener.open(piece)).toEqual(text('one'));
  });

  it('does not open for another request', () => {
    const piece = anExchange('d').sealer.seal(text('one'), false);
    expect(codeOf(() => anExchange('e').opener.open(piece))).toBe('SEAL_BROKEN');
  });

  it('never shares a key between two answers to one request', () => {
    const { opened } = anExchange('f');
    const one = opened.sealer(named('first')).seal(text('yes'), false);
    const two = opened.sealer(named('second')).seal(text('yes'), false);
    expect(one.subarray(33)).not.toEqual(two.subarray(33));
  });

  it('has pieces of equal size for short words', () => {
    const { sealer } = anExchange('g');
    sealer.seal(text(''), false);
    const sizes = ['', 'a', 'a much longer word', 'x'.repeat(252)].map(
      (part) => sealer.seal(text(part), false).length,
    );
    expect(new Set(sizes)).toEqual(new Set([1 + 256 + 16]));
    expect(sealer.seal(text('x'.repeat(253)), false).length).toBe(1 + 512 + 16);
  });
});
