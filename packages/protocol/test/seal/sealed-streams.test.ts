import { utf8ToBytes } from '@cairn/core';
import { encodeFrame, openReads, openRequest, type Stream, sealRequest, sealWrites } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { binding, classicKeys, crypto, key, named, randomOf } from './parts.ts';

/** Both ends of one answer over a list of frames. */
function twoEnds(change: (frames: Uint8Array[]) => Uint8Array[] = (frames) => frames) {
  const frames: Uint8Array[] = [];
  let at = 0;
  const stream: Stream = {
    remote: 'someone',
    protocol: '/test/1',
    write: async (frame) => void frames.push(frame),
    read: async () => change(frames)[at++] ?? null,
    closeWrite: async () => undefined,
    abort: () => undefined,
  };
  const request = sealRequest(crypto, classicKeys, binding, utf8ToBytes('?'), randomOf('streams'));
  const { sealer } = openRequest(crypto, [key], binding, request.bytes);
  return {
    provider: sealWrites(stream, sealer(named('streams'))),
    payer: openReads(stream, request.opener),
  };
}

const frame = (text: string) =>
  encodeFrame({ type: 'delta', text, tokens: 1, tokenIds: null, logprobs: null });

describe('sealed streams', () => {
  it('end where the provider ended them', async () => {
    const { provider, payer } = twoEnds();
    await provider.write(frame('one'));
    await provider.write(frame('two'));
    await provider.closeWrite();
    expect(await payer.read()).toEqual(frame('one'));
    expect(await payer.read()).toEqual(frame('two'));
    expect(await payer.read()).toBeNull();
  });

  it('tell a cut from an end', async () => {
    const { provider, payer } = twoEnds((frames) => frames.slice(0, 1));
    await provider.write(frame('one'));
    await provider.closeWrite();
    await payer.read();
    await expect(payer.read()).rejects.toMatchObject({ code: 'SEAL_TRUNCATED' });
  });

  it('take an error in clear in place of the first frame, and nothing else in clear, ever', async () => {
    const error = encodeFrame({ type: 'error', code: 'BUSY', message: 'later' });
    expect(await twoEnds(() => [error]).payer.read()).toEqual(error);
    await expect(twoEnds(() => [frame('lies')]).payer.read()).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
    const { provider, payer } = twoEnds(([first]) => [first as Uint8Array, error]);
    await provider.write(frame('one'));
    await payer.read();
    await expect(payer.read()).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  });

  it('take no last piece that carries something', async () => {
    const request = sealRequest(crypto, classicKeys, binding, utf8ToBytes('?'), randomOf('last'));
    const { sealer } = openRequest(crypto, [key], binding, request.bytes);
    const piece = sealer(named('last')).seal(frame('more'), true);
    const stream = { ...twoEnds().payer, read: async () => piece };
    await expect(openReads(stream, request.opener).read()).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  });
});
