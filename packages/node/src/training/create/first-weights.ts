import { bytesToHex, type Crypto } from '@cairn/core';
import type { RunManifest } from '@cairn/protocol';
import {
  encodePageList,
  initialState,
  listStatePages,
  placePages,
  planOf,
  type RunState,
  readPage,
  readTensors,
  stateTensors,
  stateToTensors,
  tensorsToState,
  weightRootOf,
} from '@cairn/training';
import { NodeError } from '../../errors.ts';
import type { Library } from '../library/library.ts';
import type { BroughtParent, RunParent } from './find-parent.ts';

/** What a run begins with. */
export interface FirstWeights {
  readonly initial: RunManifest['initial'];
  /** All of it, in memory. */
  state(): Promise<RunState>;
}

/** Weights from a seed, with their pages kept. */
export async function makeFirstWeights(
  crypto: Crypto,
  keep: (bytes: Uint8Array) => Promise<unknown>,
  manifest: RunManifest,
  seed: number,
): Promise<FirstWeights> {
  const plan = planOf(manifest);
  const state = initialState(crypto, plan, seed);
  const list = listStatePages(crypto, plan, state);
  const tensors = stateToTensors(plan, state);
  for (const place of placePages(stateTensors(plan))) await keep(readPage(tensors, place).slice());
  const bytes = encodePageList(list);
  await keep(bytes);
  return {
    initial: { root: weightRootOf(crypto, list), pages: crypto.sha256(bytes), seed },
    state: async () => initialState(crypto, plan, seed),
  };
}

/** The weights of a parent, whose pages are in the library: to the bit those that the ledger names. */
export function takeFirstWeights(
  crypto: Crypto,
  library: Pick<Library, 'get'>,
  manifest: RunManifest,
  { root, pages }: Pick<RunParent, 'root'> & Pick<BroughtParent, 'pages'>,
): FirstWeights {
  const plan = planOf(manifest);
  const read = async (id: string): Promise<Uint8Array> => {
    const bytes = await library.get(id);
    if (bytes !== null) return bytes;
    throw new NodeError(
      { code: 'START_FAILED', step: 'weights' },
      "A page of the parent's weights is gone from the library. Make the run again.",
    );
  };
  return {
    initial: { root, pages, seed: null },
    async state() {
      const list = await read(bytesToHex(pages));
      return tensorsToState(plan, await readTensors(crypto, list, stateTensors(plan), read));
    },
  };
}
