import { isAbsolute } from 'node:path';
import { list, optional, struct, text, u16, u32, u64, withDefault } from '@cairn/core';
import type { DataMarket } from '../datasets/data-market.ts';
import { NO_PARAMS, RpcError, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';

const object = { type: 'object' };
/** Most chunks of one step: 16 MiB. */
const MAX_STEP = 64;

const publishShape = struct('PublishDatasetParams', {
  path: text(4096),
  name: text(96),
  description: withDefault(text(400), ''),
  licence: text(128),
  tags: withDefault(list(text(32), 8), []),
  sampleChunks: withDefault(u32, 0),
  /** Pebbles. */
  pricePerChunk: u64,
  netuid: withDefault(u16, 0),
});
const retireShape = struct('RetireDatasetParams', { dataset: text(64) });
const buyShape = struct('BuyDatasetParams', {
  dataset: text(96),
  path: text(4096),
  from: optional(u32),
  to: optional(u32),
  count: withDefault(u16, 16),
  /** Most pebbles that this step may cost. */
  most: u64,
});

/** What the owner of a node lists, sells and buys of data sets. */
export function datasetMethods(market: DataMarket): RpcMethod[] {
  return [publishMethod(market), listedMethod(market), retireMethod(market), buyMethod(market)];
}

function publishMethod(market: DataMarket): RpcMethod {
  return {
    name: 'node_publishDataset',
    help: 'Cuts a file into chunks, lists it as a data set, and sells its chunks from this node.',
    params: publishShape.schema,
    result: object,
    async run(given) {
      const request = parseParams(publishShape, given);
      checkPath(request.path);
      const seller = await market.seller();
      const { dataset, card } = await seller.publish(request);
      return { dataset, seller: seller.address, chunks: card.chunks, sizeBytes: card.sizeBytes.toString() };
    },
  };
}

function listedMethod(market: DataMarket): RpcMethod {
  return {
    name: 'node_datasets',
    help: 'Data sets that this node sells, with how many chunks were sold.',
    params: NO_PARAMS,
    result: { type: 'array', items: object },
    run: async () => (market.roles.length === 0 ? [] : (await market.seller()).listed()),
  };
}

function retireMethod(market: DataMarket): RpcMethod {
  return {
    name: 'node_retireDataset',
    help: 'Takes a data set of this node off the list; its deposit returns.',
    params: retireShape.schema,
    result: object,
    async run(given) {
      const { dataset } = parseParams(retireShape, given);
      await (await market.seller()).retire(dataset);
      return { dataset };
    },
  };
}

function buyMethod(market: DataMarket): RpcMethod {
  return {
    name: 'node_buyDataset',
    help: 'Buys the next chunks of a data set into a file of this machine. Called again until it is whole.',
    params: buyShape.schema,
    result: object,
    async run(given) {
      const { from, to, count, ...request } = parseParams(buyShape, given);
      checkPath(request.path);
      if ((from === null) !== (to === null)) throw invalid('Give from and to, or neither.');
      const chunks = from === null || to === null ? {} : { chunks: { from, to } };
      const step = await market.buyer.step({ ...request, ...chunks, count: Math.min(count, MAX_STEP) });
      return { ...step, cost: step.cost.toString() };
    },
  };
}

function checkPath(path: string): void {
  if (!isAbsolute(path)) throw invalid('The path of a file is a whole one.');
}

function invalid(reason: string): RpcError {
  return new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}
