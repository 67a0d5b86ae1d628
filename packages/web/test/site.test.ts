import { env } from 'onnxruntime-web/wasm';
import { expect, it } from 'vitest';
import { createSite } from '../src/index.ts';

const text = (file: { bytes: Uint8Array } | null) => new TextDecoder().decode(file?.bytes);

it('serves a page whose scripts, style and runtime are all there', async () => {
  const site = createSite();
  const page = await site.file('/train');
  expect(page?.type).toMatch(/^text\/html/);
  expect(text(page)).not.toContain('{{');
  const parts = [...text(page).matchAll(/(?:src|href|content)="(\/train\/[^"]+)"/g)].map(([, path]) => path!);
  expect(parts).toHaveLength(3);
  for (const path of parts) expect((await site.file(path))?.bytes.length, path).toBeGreaterThan(100);
  for (const name of ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify']) {
    const runtime = await site.file(`/train/${name}.wasm`);
    expect([...runtime!.bytes.subarray(0, 4)], name).toEqual([0, 0x61, 0x73, 0x6d]);
    const kept = await site.file(`/train/${env.versions.web}/${name}.wasm`);
    expect([kept!.isImmutable, runtime!.isImmutable, kept!.bytes.length], name).toEqual([
      ...[true, false, runtime!.bytes.length],
    ]);
    expect(await site.file(`/train/0.0.1/${name}.wasm`), 'another version').toBeNull();
  }
});

it('knows no other paths', async () => {
  const site = createSite();
  for (const path of ['/', '/training', '/train/', '/train/../package.json', '/train/nothing.js'])
    expect(await site.file(path), path).toBeNull();
});
