/** A validator as a web page: trains the rounds of a thousand trainers again and tells the roots of their traces. */
import '../../packages/node/test/light/buffer-in-browsers.ts';
import { createPureCrypto } from '@cairn/core';
import { seedsFrom, traceRoots } from '../../packages/training/test/support/exact-replays.ts';
import { ort } from '../../packages/training/test/support/ort-in-browsers.ts';

export type ReplayedRoots =
  | { readonly agent: string; readonly roots: readonly string[] }
  | { readonly agent: string; readonly failed: string };

const { location } = globalThis as unknown as { readonly location: { readonly href: string } };
const parameters = new URL(location.href).searchParams;

async function replay(): Promise<ReplayedRoots> {
  const agent = navigator.userAgent;
  try {
    const answer = await fetch(parameters.get('wasm')!);
    const wasmBinary = new Uint8Array(await answer.arrayBuffer());
    const seeds = seedsFrom(Number(parameters.get('first')), Number(parameters.get('count')));
    return { agent, roots: await traceRoots({ ort, wasmBinary, crypto: createPureCrypto() }, seeds) };
  } catch (error) {
    return { agent, failed: String(error) };
  }
}

await fetch(parameters.get('tell')!, { method: 'POST', body: JSON.stringify(await replay()) });
