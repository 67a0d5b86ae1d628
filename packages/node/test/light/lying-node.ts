import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Chain,
  createManualTime,
  createMemoryStore,
  createNativeCrypto,
  createNativeEd25519Signer,
  openChain,
} from '@cairn/chain';
import { accountIdOf, hexToBytes, type Logger, type Signer, utf8ToBytes } from '@cairn/core';
import { createLedgerRpc } from '../../src/rpc/ledger-rpc.ts';

export const crypto = createNativeCrypto();

export function aSigner(name: string): Signer {
  return createNativeEd25519Signer(crypto.sha256(utf8ToBytes(name)));
}
export const accountOf = (signer: Signer) => accountIdOf(crypto, signer.scheme, signer.publicKey);
/** Who has 1,000 CAIRN in the genesis. */
export const alice = aSigner('alice');
export const FUNDS = 1_000_000_000_000n;

const silent: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silent,
};

// biome-ignore lint/suspicious/noExplicitAny: JSON that a lie takes apart
export type Json = any;
/** Turns the answer of a method into what the node says instead. */
export type Lie = (method: string, result: Json, params: Json) => Json | Promise<Json>;

export interface LyingNode extends AsyncDisposable {
  readonly chain: Chain;
  readonly url: string;
  /** What is said from now on; the truth without one. */
  lie(lie: Lie | null): void;
  /** Answers whole requests instead; false leaves it to the node. */
  intercept(handler: ((...given: Parameters<RequestListener>) => boolean) | null): void;
  /** Makes blocks. @param apartMs from one to the next, 1,000 unless told */
  blocks(count: number, apartMs?: number): Promise<void>;
  /** A height and the hash of its header, from somebody who is trusted. */
  trusted(height: number): Promise<{ readonly height: bigint; readonly hash: Uint8Array }>;
  /** Answers at a socket too. */
  listenAt(socketPath: string): Promise<void>;
}

export interface LyingNodeOptions {
  /** @default 2023 */
  readonly startMs?: number;
  /** Who signs the blocks. */
  readonly operator?: string;
  readonly chainName?: string;
  /** @default 151,200, which are 42 hours here */
  readonly unbondingSlots?: bigint;
}

/** A chain of one operator behind real HTTP, by a node that says what a test wants. */
export async function aLyingNode(options: LyingNodeOptions = {}): Promise<LyingNode> {
  const { startMs = 1_700_000_000_000, operator = 'operator', chainName = 'cairn-test' } = options;
  const time = createManualTime(startMs);
  const chain = await openChain(
    {
      ...{ crypto, clock: time.clock, timer: time.timer, logger: silent },
      signer: aSigner(operator),
      store: createMemoryStore(),
    },
    {
      folder: '/nowhere',
      genesis: {
        ...{ name: chainName, kind: 'local' as const, timeMs: BigInt(startMs - 1_000), validators: [] },
        salt: new Uint8Array(32),
        parameters: Object.entries({
          slotMs: 1_000n,
          unbondingSlots: options.unbondingSlots ?? 151_200n,
        }).map(([name, value]) => ({ name, value })),
        beacon: null,
        funds: [{ account: accountOf(alice), amount: FUNDS }],
      },
    },
  );
  const rpc = createLedgerRpc({ ledger: chain.ledger, log: silent });
  let lie: Lie | null = null;
  let intercept: ((...given: Parameters<RequestListener>) => boolean) | null = null;

  const answer = async (body: string): Promise<string> => {
    const { method, params } = JSON.parse(body) as { method: string; params: Json };
    const response = (await rpc.answer(body)) as { result?: Json };
    if (lie === null || !('result' in response)) return JSON.stringify(response);
    return JSON.stringify({ ...response, result: await lie(method, response.result, params) });
  };
  const listener: RequestListener = async (request, response) => {
    if (intercept?.(request, response) === true) return;
    // A page of another origin may ask, as it may where a node allows it with a key.
    response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', '*');
    if (request.method === 'OPTIONS') {
      response.end();
      return;
    }
    const body = await bodyOf(request);
    response.setHeader('content-type', 'application/json').end(await answer(body));
  };
  const servers: Server[] = [];
  const listen = async (at: string | number): Promise<Server> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => {
      if (typeof at === 'string') server.listen(at, resolve);
      else server.listen(at, '127.0.0.1', resolve);
    });
    return server;
  };
  const { port } = (await listen(0)).address() as AddressInfo;
  return {
    chain,
    url: `http://127.0.0.1:${port}`,
    lie: (next) => {
      lie = next;
    },
    intercept: (next) => {
      intercept = next;
    },
    async blocks(count, apartMs = 1_000) {
      for (let made = 0; made < count; made++) {
        await time.advance(apartMs);
        await chain.engine.produceBlock();
      }
    },
    async trusted(height) {
      const block = await chain.ledger.block(height);
      return { height: BigInt(height), hash: hexToBytes(block!.header.hash) };
    },
    async listenAt(socketPath) {
      await listen(socketPath);
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await chain.close();
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}
