import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Answers one method; what it throws becomes an RPC error with its message. */
export type FakeMethods = Readonly<Record<string, (params: never) => unknown>>;

export interface FakeNode extends AsyncDisposable {
  readonly data: string;
  /** Methods that were called, with their parameters. */
  readonly calls: { readonly method: string; readonly params: unknown }[];
}

const STATUS = {
  chainId: '11'.repeat(32),
  name: 'cairn-local',
  kind: 'local',
  engine: 'solo',
  height: 42,
  oldestBlock: 1,
  timeMs: 1_700_000_000_000,
  blockHash: '22'.repeat(32),
  appHash: '33'.repeat(32),
  waiting: 0,
  waitingBytes: 0,
  stateKeys: 100,
};

/** The network only: a JSON-RPC server on the socket of a data folder. What it answers, a test says. */
export async function startFakeNode(methods: FakeMethods): Promise<FakeNode> {
  const data = await mkdtemp(join(tmpdir(), 'cairn-cli-'));
  const calls: { method: string; params: unknown }[] = [];
  const known: FakeMethods = { chain_status: () => STATUS, ...methods };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const { id, method, params } = JSON.parse(Buffer.concat(parts).toString()) as {
      id: number;
      method: string;
      params: never;
    };
    calls.push({ method, params });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer(known, method, params) }));
  });
  await new Promise<void>((resolve) => server.listen(join(data, 'cairn.sock'), resolve));
  return {
    data,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(data, { recursive: true, force: true });
    },
  };
}

function answer(methods: FakeMethods, method: string, params: never): object {
  const run = methods[method];
  if (run === undefined) return { error: { code: -32601, message: `There is no method ${method}.` } };
  try {
    return { result: run(params) };
  } catch (error) {
    return { error: { code: -32000, message: (error as Error).message, data: { code: 'TEST_REFUSED' } } };
  }
}
