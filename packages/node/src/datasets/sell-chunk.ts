import {
  authorize,
  bytesToHex,
  CairnError,
  type Clock,
  type Crypto,
  encode,
  type Random,
  type Signer,
  utf8ToBytes,
} from '@cairn/core';
import {
  type ChunkSale,
  chunkSaleSignBytes,
  type DatasetBody,
  type DatasetServerFrame,
  decodeClientFrame,
  encodeDatasetFrame,
  hashDatasetParams,
  logprobRoot,
  responseHashOf,
  type SealCrypto,
  type Stream,
  sealChunk,
  signedChunkSaleShape,
  type Timer,
  tokenIdsRoot,
} from '@cairn/protocol';
import { chunkPrice, chunkText } from '@cairn/sdk';
import type { Earning, PayeeChannel, ReceiptDraft } from '../miner/earning.ts';
import type { HeldChunk, HeldDataset } from './held-dataset.ts';
import { errorToSaleRefusal, SaleRefusal, tellBuyer } from './sale-refusal.ts';
import type { SoldChunks } from './sold-chunks.ts';

export interface SaleParts {
  readonly crypto: Crypto;
  readonly sealCrypto: SealCrypto;
  readonly chainId: Uint8Array;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
  /** Signs sales. */
  readonly signer: Signer;
  readonly sold: SoldChunks;
  /** Longest wait for a voucher that is due, in milliseconds. */
  readonly payTimeoutMs: number;
}

export interface Sale {
  readonly stream: Stream;
  readonly channel: PayeeChannel;
  readonly held: HeldDataset;
  readonly chunk: HeldChunk;
  readonly body: DatasetBody;
  readonly requestHash: Uint8Array;
}

/**
 * Sells one chunk: it leaves sealed, its key when it is covered. That it was paid is on disk before the key leaves, so
 * a buyer that is cut off or killed gets it again for nothing.
 */
export async function sellChunk(parts: SaleParts, sale: Sale): Promise<void> {
  const { crypto, clock, timer } = parts;
  const { stream, channel, held, chunk, body, requestHash } = sale;
  const { payer } = channel.record;
  const startMs = clock.nowMs();
  const send = (frame: DatasetServerFrame) => stream.write(encodeDatasetFrame(frame));
  let failure: SaleRefusal | null = null;
  let isGone = false;

  async function listen(earning: Earning): Promise<void> {
    try {
      for (;;) {
        const bytes = await stream.read();
        if (bytes === null) break;
        const frame = decodeClientFrame(bytes);
        if (frame.type === 'voucher') await channel.take(frame.voucher, { isOpening: false });
        else if (frame.type === 'cancel') break;
        else throw new SaleRefusal('REQUEST_MALFORMED', 'A chunk is asked for once.');
      }
    } catch (error) {
      const refusal = errorToSaleRefusal(error);
      if (refusal === null) isGone = true;
      failure ??= refusal;
    }
    // Nobody pays any more.
    earning.end();
  }

  async function offer(isPaid: boolean): Promise<Uint8Array> {
    const key = parts.random.bytes(32);
    const sealed = sealChunk(parts.sealCrypto, key, chunk.leaf, chunk.salt, chunk.bytes);
    const terms: ChunkSale = {
      channel: channel.record.channel,
      requestHash,
      dataset: held.id,
      index: body.index,
      leaf: chunk.leaf,
      sealedHash: crypto.sha256(sealed),
      keyHash: crypto.sha256(key),
    };
    const authorization = await authorize(parts.signer, chunkSaleSignBytes(parts.chainId, terms));
    const signed = encode(signedChunkSaleShape, { sale: terms, authorization });
    await send({ type: 'sale', isPaid, sale: signed, path: chunk.path, sealed, missed: channel.missed() });
    return key;
  }

  /** Whether the chunk is paid for before the time is up. */
  async function isCovered(earning: Earning): Promise<boolean> {
    const stop = timer.schedule(parts.payTimeoutMs, () => {
      failure ??= new SaleRefusal('UNPAID', `No voucher for the chunk came for ${parts.payTimeoutMs} ms.`);
      earning.end();
    });
    try {
      return await earning.takeCover(1);
    } finally {
      stop();
    }
  }

  function draft(): ReceiptDraft {
    const tookMs = clock.nowMs() - startMs;
    return {
      requestHash,
      responseHash: responseHashOf(crypto, body.salt, utf8ToBytes(chunkText(chunk))),
      artifact: held.card.root,
      model: held.id,
      paramsHash: hashDatasetParams(crypto, body),
      samplerSeed: null,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 1,
      tokenIdsRoot: tokenIdsRoot(crypto, body.salt, null),
      logprobRoot: logprobRoot(crypto, body.salt, null),
      ttftMs: tookMs,
      durationMs: tookMs,
      finishReason: 'stop',
      tier: 0,
    };
  }

  /** What follows the key: a receipt in any case, so that the books stand whoever is gone. */
  async function deliver(earning: Earning, key: Uint8Array): Promise<void> {
    await parts.sold.add(held.id, payer, body.index);
    const isSent = await reaches(send({ type: 'key', key }));
    const receipt = await earning.finish(draft());
    if (isSent && (await reaches(send({ type: 'receipt', receipt })))) await reaches(stream.closeWrite());
  }

  async function waitForSettlement(listening: Promise<void>): Promise<void> {
    const stop = timer.schedule(parts.payTimeoutMs, () => stream.abort('no voucher came for the receipt'));
    await listening;
    stop();
  }

  if (parts.sold.has(held.id, payer, body.index)) {
    await send({ type: 'key', key: await offer(true) });
    await stream.closeWrite();
    return;
  }
  const earning = channel.earn({
    price: chunkPrice(held.card.pricePerChunk),
    model: held.id,
    artifact: held.card.root,
    promptTokens: 0,
    trancheTokens: 0,
  });
  let isEarned = false;
  try {
    const key = await offer(false);
    const listening = listen(earning);
    if (await isCovered(earning)) {
      isEarned = true;
      await deliver(earning, key);
      await waitForSettlement(listening);
    }
  } finally {
    if (!isEarned) earning.drop();
  }
  if (isEarned || isGone) return;
  const unpaid = new SaleRefusal('UNPAID', `Chunk ${body.index} of ${bytesToHex(held.id)} was not paid for.`);
  await tellBuyer(stream, failure ?? unpaid);
  stream.abort('the chunk was not paid for');
}

/** Whether a frame left; a buyer that is gone is no fault. */
async function reaches(sent: Promise<void>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    return false;
  }
}
