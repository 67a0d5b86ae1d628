import { hexToBytes } from '@cairn/core';
import type { LightBlock } from '@cairn/protocol';
import {
  accountFromState,
  accountStateKey,
  connectRpcLedger,
  createHttpFetch,
  createRpcLightSource,
  type HttpFetchOptions,
  type LightStore,
  openLightClient,
  type ProvedState,
  readProved,
} from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { LIES } from './lies.ts';
import { accountOf, aLyingNode, alice, crypto, FUNDS, type LyingNode } from './lying-node.ts';

const KEY = accountStateKey(accountOf(alice));
const START_MS = 1_700_000_000_000;

const sourceOf = async ({ url }: LyingNode, limits: Partial<HttpFetchOptions> = {}) =>
  createRpcLightSource(
    await connectRpcLedger(createHttpFetch({ fetch }, { url, ...limits }), async () => undefined),
    url,
  );

interface ReadOptions extends Partial<HttpFetchOptions> {
  readonly trusted?: { readonly height: bigint; readonly hash: Uint8Array };
  readonly witnesses?: readonly LyingNode[];
  readonly nowMs?: number;
  readonly store?: LightStore;
}

/** What somebody who trusts the header of height 2 finds out from a node. */
async function read(node: LyingNode, options: ReadOptions = {}): Promise<ProvedState> {
  const {
    trusted = await node.trusted(2),
    witnesses = [],
    nowMs = START_MS + 20_000,
    store,
    ...limits
  } = options;
  const source = await sourceOf(node, limits);
  const clock = { nowMs: () => nowMs };
  const client = await openLightClient(
    {
      ...{ crypto, clock, primary: source },
      witnesses: await Promise.all(witnesses.map((witness) => sourceOf(witness))),
      ...(store === undefined ? {} : { store }),
    },
    { trusted },
  );
  return readProved({ client, source, clock }, KEY);
}

const codeOf = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => 'believed',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('a light client that asks over HTTP', () => {
  it('knows a balance from a header it trusts, and who signed it', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    const { value, height, signed } = await read(node);
    const { spendable, deposit } = accountFromState(value!);
    expect(spendable + deposit).toBe(FUNDS);
    expect([height, signed.header.height]).toEqual([11n, 12n]);
    expect(signed.validators.length).toBe(1);
  });

  for (const [what, { lie, code }] of Object.entries(LIES)) {
    it(`refuses ${what}`, async () => {
      await using node = await aLyingNode();
      await node.blocks(12);
      node.lie(lie);
      expect(await codeOf(read(node))).toBe(code);
      node.lie(null);
      expect(await codeOf(read(node))).toBe('believed');
    });
  }

  it('refuses the header of another chain', async () => {
    await using node = await aLyingNode();
    await using other = await aLyingNode({ chainName: 'cairn-other' });
    await Promise.all([node.blocks(5), other.blocks(5)]);
    expect(await codeOf(read(other, { trusted: await node.trusted(2) }))).toBe('LIGHT_HEADER_UNKNOWN');
  });

  it('refuses a node that shows old headers only', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    expect(await codeOf(read(node, { nowMs: START_MS + 612_000 }))).toBe('believed');
    expect(await codeOf(read(node, { nowMs: START_MS + 612_001 }))).toBe('LIGHT_STALE');
    const old = await node.chain.ledger.lightBlock(4);
    node.lie((method, result, params) =>
      method === 'chain_lightBlock' && params.height === undefined ? old : result,
    );
    expect(await codeOf(read(node, { nowMs: START_MS + 606_000 }))).toBe('LIGHT_STALE');
  });

  it('refuses to go back behind what it has verified', async () => {
    await using node = await aLyingNode();
    await node.blocks(12);
    let kept: LightBlock | null = null;
    const store: LightStore = {
      load: async () => kept,
      save: async (block) => {
        kept = block;
      },
    };
    await read(node, { store });
    expect(kept!.header.height).toBe(12n);
    await using younger = await aLyingNode();
    await younger.blocks(6);
    const trusted = { height: 12n, hash: hexToBytes((await node.chain.ledger.block(12))!.header.hash) };
    expect(await codeOf(read(younger, { store, trusted }))).toBe('RPC_FAILED');
  });

  it('believes neither of two nodes that know different headers', async () => {
    await using node = await aLyingNode();
    await using fork = await aLyingNode();
    await Promise.all([node.blocks(3), fork.blocks(3)]);
    expect(await codeOf(read(node, { witnesses: [fork] }))).toBe('believed');
    // The operator signs two blocks of one height.
    await Promise.all([node.blocks(9), fork.blocks(9, 900)]);
    expect(await codeOf(read(fork))).toBe('believed');
    const doubt = read(node, { witnesses: [fork] });
    expect(await codeOf(doubt)).toBe('LIGHT_CONFLICT');
    await expect(doubt).rejects.toThrow('validators signed twice');
    fork.lie(LIES['a header with another state root']!.lie);
    await expect(read(node, { witnesses: [fork] })).rejects.toThrow('without the votes for it');
  });

  it('neither reads nor waits without end', async () => {
    await using node = await aLyingNode();
    await node.blocks(5);
    const trusted = await node.trusted(2);
    node.intercept((request, response) => {
      request.resume();
      const more = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
      return true;
    });
    expect(await codeOf(read(node, { trusted, maxBytes: 1_000_000 }))).toBe('ANSWER_TOO_LONG');
    node.intercept((request, response) => {
      request.resume();
      response.write('{');
      return true;
    });
    expect(await codeOf(read(node, { trusted, timeoutMs: 200 }))).toBe('SOURCE_UNREACHABLE');
    node.intercept((request, response) => {
      request.resume();
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      return true;
    });
    expect(await codeOf(read(node, { trusted }))).toBe('SOURCE_UNREACHABLE');
    node.intercept(null);
    expect(await codeOf(read(node, { trusted }))).toBe('believed');
  });
});
