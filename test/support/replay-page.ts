/** The ground floor as a web page has it: executes the blocks it is given, and tells the root after each. */
import '../../packages/node/test/light/buffer-in-browsers.ts';
import { createPureCrypto } from '@cairn/core';
import type { Recording } from '../../packages/proving/src/determinism/recording.ts';
import { replayRecording } from '../../packages/proving/src/determinism/replay-recording.ts';

/** What the page tells. */
export interface Replayed {
  readonly agent: string;
  readonly roots: readonly string[];
  readonly failed: string | null;
}

const { location } = globalThis as unknown as { readonly location: { readonly href: string } };
const recording = (await (await fetch('/given')).json()) as Recording;

function replay(): Pick<Replayed, 'roots' | 'failed'> {
  try {
    return { roots: replayRecording(createPureCrypto(), recording), failed: null };
  } catch (error) {
    return { roots: [], failed: String(error) };
  }
}

const body = JSON.stringify({ agent: navigator.userAgent, ...replay() } satisfies Replayed);
await fetch(new URL(location.href).searchParams.get('tell')!, { method: 'POST', body });
