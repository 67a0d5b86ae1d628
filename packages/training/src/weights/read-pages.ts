import { bytesToHex, type Crypto } from '@cairn/core';
import type { TensorShape, TensorTable } from '@cairn/protocol';
import { assembleWeights, decodePageList, malformedWeights, type PageList } from './pages.ts';

/**
 * The list of pages of a table of tensors, from bytes of strangers. Nothing is allocated for another table.
 *
 * @throws TrainingError `WEIGHTS_MALFORMED`; CoreError
 */
export function readPageList(bytes: Uint8Array, wanted: readonly TensorShape[]): PageList {
  const list = decodePageList(bytes);
  if (describeTable(list.tensors) === describeTable(wanted)) return list;
  throw malformedWeights('the listed tensors are those of another model');
}

/**
 * Tensors from the list of their pages.
 *
 * @param read a blob by its SHA-256 in hex.
 * @throws TrainingError `WEIGHTS_MALFORMED`; CoreError; what `read` throws
 */
export async function readTensors(
  crypto: Crypto,
  list: Uint8Array,
  wanted: readonly TensorShape[],
  read: (id: string) => Promise<Uint8Array>,
): Promise<TensorTable> {
  const pages = readPageList(list, wanted);
  const assembly = assembleWeights(crypto, pages);
  for (const [index, page] of pages.pages.entries()) assembly.put(index, await read(bytesToHex(page)));
  return assembly.weights();
}

const describeTable = (tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]) =>
  tensors.map(({ name, shape }) => `${name} ${shape.join('x')}`).join();
