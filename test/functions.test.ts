import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { buildFingerprint } from '../examples/functions/fingerprint/build.ts';

it('the WebAssembly example is what its source makes', async () => {
  const file = new URL('../examples/functions/fingerprint/function.wasm', import.meta.url);
  expect(Uint8Array.from(await readFile(file))).toEqual(buildFingerprint());
});
