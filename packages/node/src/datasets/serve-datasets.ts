import { bytesToHex, CairnError, type Logger } from '@cairn/core';
import {
  DATASET_PROTOCOL,
  DATASET_SAMPLE_PROTOCOL,
  type DatasetBody,
  decodeDatasetBody,
  decodeWantSample,
  encodeSampleFrame,
  type PeerName,
  type Stream,
  type Transport,
} from '@cairn/protocol';
import { createCallerCheck, readOpen } from '../compute/open-call.ts';
import { openVoucher } from '../miner/check-voucher.ts';
import type { Payee } from '../miner/payee.ts';
import { askedRequest, type MinerSealing } from '../miner/unseal.ts';
import type { HeldDataset } from './held-dataset.ts';
import { errorToSaleRefusal, SaleRefusal, tellBuyer } from './sale-refusal.ts';
import { type SaleParts, sellChunk } from './sell-chunk.ts';

export interface ServeDatasetsParts extends Omit<SaleParts, 'payTimeoutMs'> {
  readonly transport: Transport;
  readonly payee: Payee;
  /** Absent: only requests in clear are taken. */
  readonly seal?: MinerSealing;
  readonly log: Logger;
}

export interface ServeDatasetsOptions {
  /** Longest wait for a frame that is due. @default 15_000 */
  readonly payTimeoutMs?: number;
}

const BODY = { decode: decodeDatasetBody, subjectOf: ({ dataset }: DatasetBody) => dataset };
/** Streams served at a time, to one peer and in all: each holds a chunk or two in memory. */
const MAX_STREAMS_PER_PEER = 4;
const MAX_STREAMS = 64;

/** Sells chunks of data sets, and gives away those of their samples, until it is disposed. */
export function serveDatasets(
  parts: ServeDatasetsParts,
  find: (dataset: string) => HeldDataset | undefined,
  { payTimeoutMs = 15_000 }: ServeDatasetsOptions = {},
): AsyncDisposable {
  const { transport, timer, log } = parts;
  const checkBuyer = createCallerCheck(parts);
  const streams = new Map<Stream, PeerName>();
  const running = new Set<Promise<void>>();

  function findHeld(dataset: Uint8Array): HeldDataset {
    const found = find(bytesToHex(dataset));
    if (found !== undefined) return found;
    throw new SaleRefusal('DATASET_UNKNOWN', `Data set ${bytesToHex(dataset)} is not sold here.`);
  }

  async function readChunk(held: HeldDataset, index: number) {
    if (index >= held.card.chunks)
      throw new SaleRefusal('REQUEST_MALFORMED', `The data set has ${held.card.chunks} chunks.`);
    const chunk = await held.chunk(index);
    if (chunk !== null) return chunk;
    log.error('the file of a data set is gone or was changed', { dataset: bytesToHex(held.id), index });
    throw new SaleRefusal('CHUNK_UNREADABLE', 'The seller has this chunk no more. Nothing was paid for it.');
  }

  async function sell(way: { stream: Stream }): Promise<void> {
    const open = await readOpen(parts, way.stream, payTimeoutMs);
    const asked = askedRequest(parts, BODY, open);
    const held = findHeld(asked.subject);
    const { requestHash } = asked;
    const channel = await parts.payee.channel(openVoucher(open.voucher).voucher.channel);
    await checkBuyer(open, requestHash, channel);
    const { body, stream } = asked.read(channel.record.channel, way.stream);
    way.stream = stream;
    await channel.take(open.voucher, { isOpening: true });
    const chunk = await readChunk(held, body.index);
    await sellChunk({ ...parts, payTimeoutMs }, { stream, channel, held, chunk, body, requestHash });
  }

  async function serveSale(stream: Stream): Promise<void> {
    const way = { stream };
    try {
      await sell(way);
    } catch (error) {
      const refusal = errorToSaleRefusal(error);
      if (refusal === null) {
        log.debug('a buyer went away');
        return;
      }
      if (refusal.code === 'ENGINE_FAILED') log.warn('a sale failed', { reason: refusal.message });
      await tellBuyer(way.stream, refusal);
    }
  }

  async function serveSample(stream: Stream): Promise<void> {
    const stop = timer.schedule(payTimeoutMs, () => stream.abort('it took too long'));
    try {
      const bytes = await stream.read();
      if (bytes === null) return;
      const { dataset, index } = decodeWantSample(bytes);
      const held = find(bytesToHex(dataset));
      const isFree = held !== undefined && index < held.card.sampleChunks;
      const chunk = isFree ? await held.chunk(index) : null;
      await stream.write(
        encodeSampleFrame(
          chunk === null
            ? { type: 'absent' }
            : { type: 'chunk', salt: chunk.salt, bytes: chunk.bytes, path: chunk.path },
        ),
      );
      await stream.closeWrite();
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      stream.abort('the sample cannot be shown');
      log.debug('a sample was not shown', { code: error.code });
    } finally {
      stop();
    }
  }

  const seated = (serve: (stream: Stream) => Promise<void>) => async (stream: Stream) => {
    const sameAsker = [...streams.values()].filter((peer) => peer === stream.remote).length;
    if (streams.size >= MAX_STREAMS || sameAsker >= MAX_STREAMS_PER_PEER) {
      stream.abort('too many chunks are asked for at once');
      return;
    }
    streams.set(stream, stream.remote);
    const mine = serve(stream);
    running.add(mine);
    try {
      await mine;
    } finally {
      running.delete(mine);
      streams.delete(stream);
    }
  };

  const stops = [
    transport.listen(DATASET_PROTOCOL, seated(serveSale)),
    transport.listen(DATASET_SAMPLE_PROTOCOL, seated(serveSample)),
  ];
  return {
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop();
      for (const stream of streams.keys()) stream.abort('the seller is stopping');
      await Promise.allSettled(running);
    },
  };
}
