/** Rounds of training as a web page has them: trains twin learners together and tells what came out. */
import '../../packages/node/test/light/buffer-in-browsers.ts';
import { createPureCrypto } from '@cairn/core';
import { digestRounds, type RoundsDigest } from '../../packages/proving/test/training/rounds-digest.ts';

export type TrainedRounds =
  | { readonly agent: string; readonly digests: readonly RoundsDigest[] }
  | { readonly agent: string; readonly failed: string };

const { location } = globalThis as unknown as { readonly location: { readonly href: string } };

async function train(): Promise<TrainedRounds> {
  const agent = navigator.userAgent;
  try {
    return { agent, digests: await digestRounds(createPureCrypto()) };
  } catch (error) {
    return { agent, failed: String(error) };
  }
}

const tell = new URL(location.href).searchParams.get('tell')!;
await fetch(tell, { method: 'POST', body: JSON.stringify(await train()) });
