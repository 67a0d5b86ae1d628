import { areBytesEqual, type CancelSignal, type Crypto } from '@cairn/core';
import {
  DATASET_SAMPLE_PROTOCOL,
  datasetChunkBytes,
  datasetLeaf,
  decodeSampleFrame,
  encodeSampleFrame,
  ProtocolError,
  rootByPath,
  type SampleFrame,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import type { DatasetForSale } from './buy-chunk.ts';

export interface SampleParts {
  readonly crypto: Crypto;
  readonly transport: Transport;
  readonly timer: Timer;
}

/**
 * A free chunk of a data set, checked against the root on the ledger like one that is bought; null when the seller
 * does not give it, is silent for 30 s, or gives something else.
 *
 * @throws ProtocolError `PEER_UNREACHABLE`, `PROTOCOL_UNSUPPORTED`
 */
export async function fetchSample(
  { crypto, transport, timer }: SampleParts,
  { id, card }: DatasetForSale,
  index: number,
  signal?: CancelSignal,
): Promise<Uint8Array | null> {
  const stream = await transport.dial(
    card.peer,
    DATASET_SAMPLE_PROTOCOL,
    signal === undefined ? {} : { signal },
  );
  const stop = timer.schedule(30_000, () => stream.abort('the seller was silent for too long'));
  let frame: SampleFrame;
  try {
    await stream.write(encodeSampleFrame({ type: 'want', dataset: id, index }));
    await stream.closeWrite();
    const bytes = await stream.read();
    if (bytes === null) return null;
    frame = decodeSampleFrame(bytes);
  } catch (error) {
    stream.abort('the sample was not taken');
    if (error instanceof ProtocolError) return null;
    throw error;
  } finally {
    stop();
  }
  if (frame.type !== 'chunk') return null;
  const leaf = datasetLeaf(crypto, frame.salt, frame.bytes);
  const root = rootByPath(crypto, leaf, index, card.chunks, frame.path);
  const isIt = root !== null && areBytesEqual(root, card.root);
  return isIt && frame.bytes.length === datasetChunkBytes(card.sizeBytes, index) ? frame.bytes : null;
}
