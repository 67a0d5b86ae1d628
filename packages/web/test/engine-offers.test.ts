import { describe, expect, it } from 'vitest';
import { insteadOfWebgpu, offerEngines, useAgain, useEngine } from '../src/train/worker/engine-offers.ts';
import { findGraphics, type Graphics, type GraphicsAdapter } from '../src/train/worker/graphics.ts';

const MIB = 2 ** 20;
const TOLERANT = { isExact: false, largestBytes: MIB };
const ADAPTER: Graphics = { kind: 'adapter', name: 'acme one', isSoftware: false, maxBytes: 128 * MIB };

const anAdapter = (info: object = {}): GraphicsAdapter => ({
  info: { vendor: 'acme', architecture: 'one', description: '', ...info },
  limits: { maxBufferSize: 256 * MIB, maxStorageBufferBindingSize: 128 * MIB },
});
const withAdapter = (adapter: GraphicsAdapter | null) => ({
  isSecureContext: true,
  navigator: { gpu: { requestAdapter: async () => adapter } },
});

describe('what a browser computes a run with', () => {
  it('is WebGPU where there is a graphics processor, with wasm on offer', () => {
    const offers = offerEngines(TOLERANT, ADAPTER);
    expect(offers.map(({ name, refusal }) => [name, refusal])).toEqual([
      ['webgpu', null],
      ['wasm', null],
    ]);
    expect(useEngine(offers, null)).toMatchObject({
      name: 'webgpu',
      what: expect.stringContaining('acme one'),
    });
    expect(useEngine(offers, 'wasm')).toMatchObject({ name: 'wasm', whyNotOther: 'it was not chosen' });
  });

  it('is wasm in an exact run, whatever is there', () => {
    const use = useEngine(offerEngines({ ...TOLERANT, isExact: true }, ADAPTER), 'webgpu');
    expect(use).toMatchObject({ name: 'wasm', other: 'webgpu' });
    expect(use.whyNotOther).toContain('checked to the bit');
  });

  it('is wasm where a tensor is larger than the graphics processor takes', () => {
    const use = useEngine(offerEngines({ ...TOLERANT, largestBytes: 200 * MIB }, ADAPTER), null);
    expect(use).toMatchObject({ name: 'wasm', whyNotOther: expect.stringContaining('134 MB in one piece') });
  });

  it('stays what it was, with the reason that there was, until something else stands in the way', () => {
    const offers = offerEngines(TOLERANT, ADAPTER);
    const broken = insteadOfWebgpu(offers, 'it failed');
    expect(useAgain(offers, broken)).toEqual({ ...broken, name: 'wasm', whyNotOther: 'it failed' });
    expect(useAgain(offers, null).name).toBe('webgpu');
    const gone = offerEngines(TOLERANT, { kind: 'none', reason: 'it is gone' });
    expect(useAgain(gone, useEngine(offers, 'webgpu'))).toMatchObject({
      name: 'wasm',
      whyNotOther: 'it is gone',
    });
  });

  it('is wasm where software plays a graphics processor, unless a person wants it so', () => {
    const offers = offerEngines(TOLERANT, { ...ADAPTER, isSoftware: true });
    expect(useEngine(offers, null).name).toBe('wasm');
    expect(useEngine(offers, 'webgpu')).toMatchObject({ name: 'webgpu', whyNotOther: 'it was not chosen' });
  });
});

describe('what a browser says of its graphics', () => {
  it.each([
    ['no secure page', { isSecureContext: false, navigator: {} }, /https or from localhost/],
    ['no WebGPU', { isSecureContext: true, navigator: {} }, /does not have it/],
    ['no adapter', withAdapter(null), /no graphics processor/],
  ])('with %s is why there is none, which the page repeats', async (_, place, reason) => {
    const graphics = await findGraphics(place);
    expect(graphics).toMatchObject({ kind: 'none', reason: expect.stringMatching(reason) });
    expect(useEngine(offerEngines(TOLERANT, graphics), null)).toMatchObject({
      name: 'wasm',
      whyNotOther: expect.stringMatching(reason),
    });
  });

  it('is what the adapter is called, and the least of its limits', async () => {
    expect(await findGraphics(withAdapter(anAdapter()))).toEqual({
      ...{ kind: 'adapter', name: 'acme one', isSoftware: false, maxBytes: 128 * MIB },
    });
    const software = anAdapter({ vendor: 'google', architecture: 'swiftshader' });
    expect(await findGraphics(withAdapter(software))).toMatchObject({ isSoftware: true });
    expect(await findGraphics(withAdapter(anAdapter({ isFallbackAdapter: true })))).toMatchObject({
      isSoftware: true,
    });
  });
});
