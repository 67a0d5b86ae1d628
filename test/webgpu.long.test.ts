import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chromium, inChromium, servePage } from '../packages/node/test/light/browser.ts';
import { webgpuBinary } from '../packages/training/test/support/ort-binary.ts';
import type { TorchVector } from '../packages/training/test/support/torch-cases.ts';
import { offerEngines, useEngine } from '../packages/web/src/train/worker/engine-offers.ts';
import { findGraphics } from '../packages/web/src/train/worker/graphics.ts';
import { SOFTWARE_GRAPHICS } from './support/browser-tab.ts';
import type { OnWebgpu } from './support/webgpu-page.ts';

const vectors: readonly TorchVector[] = JSON.parse(
  readFileSync(new URL('../packages/training/test/vectors/torch.json', import.meta.url), 'utf8'),
);

async function computeOnWebgpu(): Promise<OnWebgpu> {
  if (chromium === null) return { hasAdapter: false };
  const script = new URL('support/webgpu-page.ts', import.meta.url);
  await using page = await servePage(script, vectors);
  const browser = inChromium(SOFTWARE_GRAPHICS);
  return (await page.open({ wasm: `/@fs${webgpuBinary}` }, browser, 1_200_000)) as OnWebgpu;
}

const found = await computeOnWebgpu();

describe('without an adapter', () => {
  it('a page computes with wasm, and says that the browser found no graphics processor', async () => {
    const gpu = { requestAdapter: async () => null };
    const graphics = await findGraphics({ isSecureContext: true, navigator: { gpu } });
    const offers = offerEngines({ isExact: false, largestBytes: 1 }, graphics);
    expect(useEngine(offers, 'webgpu')).toEqual({
      ...{ name: 'wasm', what: 'wasm on one processor core', other: 'webgpu' },
      whyNotOther: 'this browser found no graphics processor that it may use',
    });
  });
});

// Where no adapter comes there is nothing else to be tested.
if (found.hasAdapter)
  describe('gradients on WebGPU', () => {
    it.each(vectors)('are those that PyTorch recorded: $name', ({ name }) => {
      const one = found.cases.find((each) => each.name === name)!;
      expect(one.failed).toBeUndefined();
      expect(one.loss).toBeLessThan(1e-4);
      expect(one.worst[1], one.worst[0]).toBeLessThan(1e-3);
    });
  });
