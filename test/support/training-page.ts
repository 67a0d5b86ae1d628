/** The exact training engine as a web page has it: trains small models and tells what came out. */
import '../../packages/node/test/light/buffer-in-browsers.ts';
import { createPureCrypto } from '@cairn/core';
import { type ExactDigest, exactDigests } from '../../packages/training/test/support/exact-digest.ts';
import { ort } from '../../packages/training/test/support/ort-in-browsers.ts';

export type Trained =
  | { readonly agent: string; readonly digests: readonly ExactDigest[] }
  | { readonly agent: string; readonly failed: string };

const { location } = globalThis as unknown as { readonly location: { readonly href: string } };
const parameters = new URL(location.href).searchParams;

async function train(): Promise<Trained> {
  const agent = navigator.userAgent;
  try {
    const answer = await fetch(parameters.get('wasm')!);
    const wasmBinary = new Uint8Array(await answer.arrayBuffer());
    return { agent, digests: await exactDigests({ ort, wasmBinary, crypto: createPureCrypto() }) };
  } catch (error) {
    return { agent, failed: String(error) };
  }
}

await fetch(parameters.get('tell')!, { method: 'POST', body: JSON.stringify(await train()) });
