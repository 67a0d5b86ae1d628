import { type AccountId, areBytesEqual, bytesToHex, type CancelSignal, decode } from '@cairn/core';
import type { DatasetCard, Price } from '@cairn/ledger';
import {
  type BadChunk,
  type ChunkSale,
  DATASET_PROTOCOL,
  type DatasetBody,
  type DatasetServerFrame,
  datasetChunkBytes,
  decodeDatasetFrame,
  encodeDatasetBody,
  hashDatasetParams,
  openChunk,
  receiptId,
  rootByPath,
  type SealCrypto,
  type SignedChunkSale,
  signedChunkSaleShape,
  verifyChunkSale,
} from '@cairn/protocol';
import { decodeReceipt } from '../channels/check-receipt.ts';

import type { SealMode } from '../inference/seal.ts';
import { type PaidExchange, type PaidParts, runPaidRequest } from '../paid/paid-request.ts';

export interface BuyParts extends PaidParts {
  readonly chainId: Uint8Array;
  /** Opens what was sealed chunk by chunk. */
  readonly sealCrypto: SealCrypto;
}

/** A data set of the ledger: who sells it and what. */
export interface DatasetForSale {
  readonly id: Uint8Array;
  readonly owner: AccountId;
  readonly card: DatasetCard;
}

export interface BuyRequest {
  readonly dataset: DatasetForSale;
  readonly index: number;
  readonly idempotencyKey: string;
  /** An earlier request for this chunk whose voucher left: SHA-256 of its body. It is not paid for twice. */
  readonly earlier: Uint8Array | null;
  /** Called before a voucher for the chunk leaves, with the hash of the request: on disk when it resolves. */
  readonly onPay: (requestHash: Uint8Array) => Promise<void>;
  /** Called with the checked chunk, before a voucher says that it came: on disk when it resolves. */
  readonly onChunk: (chunk: Uint8Array) => Promise<void>;
  readonly seal?: SealMode;
  readonly signal?: CancelSignal;
  /** Longest silence of the seller. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

export type BoughtChunk =
  | {
      readonly ok: true;
      /** Pebbles; 0 for one that was paid before. */
      readonly cost: bigint;
      /** Null when none was due. */
      readonly receiptId: string | null;
    }
  | { readonly ok: false; readonly proof: BadChunk };

/** What one chunk costs, as a price of one token. */
export function chunkPrice(pricePerChunk: bigint): Price {
  return {
    inputPerMillion: 0n,
    cachedInputPerMillion: 0n,
    outputPerMillion: pricePerChunk * 1_000_000n,
    perRequest: 0n,
    perImage: 0n,
    perAudioSecond: 0n,
  };
}

/** What a receipt of a chunk hashes as its text. */
export const chunkText = (sale: Pick<ChunkSale, 'leaf'>): string => bytesToHex(sale.leaf);

/**
 * Buys one chunk: takes it sealed, checks that the seller signed for a leaf of the root on the ledger, pays, takes the
 * key, checks what it opens, and settles. Neither side risks more than this chunk. A chunk that is not what was signed
 * for is no error but proof of it; nothing more is paid to that seller on this channel then.
 *
 * @throws SdkError `PROVIDER_REFUSED`, `PROVIDER_LOST`, `PROVIDER_TIMED_OUT`, `PROVIDER_BROKE_PROTOCOL`,
 * `RECEIPT_REFUSED`, `CHANNEL_DISPUTED`, `SEAL_REQUIRED`, and what `onPay` and `onChunk` throw
 */
export function buyChunk(parts: BuyParts, request: BuyRequest): Promise<BoughtChunk> {
  const { crypto, random } = parts;
  const { dataset, index, signal, idleTimeoutMs, seal } = request;
  const { id, owner, card } = dataset;
  const body: DatasetBody = { dataset: id, index, salt: random.bytes(16) };
  return runPaidRequest<DatasetServerFrame, BoughtChunk>(
    parts,
    {
      protocol: DATASET_PROTOCOL,
      provider: owner,
      peer: card.peer,
      netuid: card.netuid,
      subject: id,
      body: encodeDatasetBody(body),
      expected: {
        artifact: card.root,
        model: id,
        paramsHash: hashDatasetParams(crypto, body),
        salt: body.salt,
        price: chunkPrice(card.pricePerChunk),
        mostPromptTokens: 0,
        maxTokens: 1,
      },
      idempotencyKey: request.idempotencyKey,
      decode: decodeDatasetFrame,
      unit: 'chunks',
      ...(seal === undefined ? {} : { seal }),
      ...(signal === undefined ? {} : { signal }),
      ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
    },
    (exchange) => takeChunk(parts, request, exchange),
  );
}

type SaleFrame = Extract<DatasetServerFrame, { type: 'sale' }>;

async function takeChunk(
  parts: BuyParts,
  { dataset, index, earlier, onPay, onChunk }: BuyRequest,
  exchange: PaidExchange<DatasetServerFrame>,
): Promise<BoughtChunk> {
  const { crypto, payer } = parts;
  const { payment, broke, requestHash } = exchange;

  function checkSale({ sale, path, sealed }: SaleFrame): SignedChunkSale {
    const signed = decodeSale(sale);
    const { channel, leaf, sealedHash } = signed.sale;
    if (!verifyChunkSale(crypto, parts.chainId, signed, dataset.owner))
      throw broke('It did not sign the sale.');
    const isThis =
      areBytesEqual(channel, exchange.channel.record.channel) &&
      areBytesEqual(signed.sale.requestHash, requestHash) &&
      areBytesEqual(signed.sale.dataset, dataset.id) &&
      signed.sale.index === index;
    if (!isThis) throw broke('It signed for another chunk than was asked for.');
    if (!areBytesEqual(crypto.sha256(sealed), sealedHash))
      throw broke('It sent other bytes than it signed for.');
    const root = rootByPath(crypto, leaf, index, dataset.card.chunks, path);
    if (root === null || !areBytesEqual(root, dataset.card.root))
      throw broke('The chunk it offers is not part of the data set on the ledger.');
    return signed;
  }

  function decodeSale(bytes: Uint8Array): SignedChunkSale {
    try {
      return decode(signedChunkSaleShape, bytes);
    } catch {
      throw broke('Its sale is malformed.');
    }
  }

  /** A receipt for the earlier request says that the seller was paid for this chunk. */
  function isPaidAlready({ missed }: SaleFrame): boolean {
    if (earlier === null) return false;
    const isIt = ({ receipt }: { readonly receipt: { readonly requestHash: Uint8Array } }) =>
      areBytesEqual(receipt.requestHash, earlier);
    if (missed.some((bytes) => isIt(decodeReceipt(bytes)))) return true;
    for (const signed of payer.receipts()) if (isIt(signed)) return true;
    return false;
  }

  /** Receipts that were lost are of requests that were made: any other would be paid for with this chunk's money. */
  function checkMissed({ missed }: SaleFrame): void {
    for (const { receipt } of missed.map(decodeReceipt)) {
      const isOurs =
        payer.receipt(bytesToHex(receiptId(crypto, receipt))) !== null ||
        exchange.channel.record.unreceipted.some((entry) =>
          areBytesEqual(entry.requestHash, receipt.requestHash),
        );
      if (!isOurs) throw broke('It shows a receipt for a request that was never made.');
    }
  }

  async function readKey({ sale }: SignedChunkSale): Promise<Uint8Array> {
    const frame = await exchange.read();
    if (frame.type !== 'key') throw broke(`It sent a ${frame.type} where the key was due.`);
    if (!areBytesEqual(crypto.sha256(frame.key), sale.keyHash))
      throw broke('It sent another key than it signed for.');
    return frame.key;
  }

  const offered = await exchange.read();
  if (offered.type !== 'sale') throw broke(`It sent a ${offered.type} before its sale.`);
  const { isPaid, missed, sealed } = offered;
  const signed = checkSale(offered);
  if (!isPaid) {
    if (isPaidAlready(offered)) throw broke('It asks to be paid for a chunk that it has a receipt for.');
    checkMissed(offered);
    await onPay(requestHash);
    const terms = { promptTokens: 0, trancheTokens: 0, prepayTokens: 1, missed };
    await exchange.pay(await payment.accept({ type: 'accepted', ...terms }));
  }
  const key = await readKey(signed);
  const opened = openChunk(crypto, parts.sealCrypto, key, signed.sale.leaf, sealed);
  if (opened === null) {
    await payment.dispute();
    return { ok: false, proof: { signed, key, sealed } };
  }
  if (opened.chunk.length !== datasetChunkBytes(dataset.card.sizeBytes, index)) {
    await payment.dispute();
    throw broke('The chunk has another length than the data set on the ledger says.');
  }
  await onChunk(opened.chunk);
  if (isPaid) {
    await payment.abandon();
    return { ok: true, cost: 0n, receiptId: null };
  }
  exchange.count(1);
  await exchange.pay(await payment.receive(1));
  const last = await exchange.read();
  if (last.type !== 'receipt') throw broke(`It sent a ${last.type} where the receipt was due.`);
  const answer = { text: chunkText(signed.sale), tokens: 1, tokenIds: null, logprobs: null };
  const settled = await payment.settle(last.receipt, answer);
  await exchange.settle(settled.voucher);
  return { ok: true, cost: settled.receipt.receipt.price, receiptId: bytesToHex(settled.receiptId) };
}
