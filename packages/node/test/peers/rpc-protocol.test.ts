import { createManualTime } from '@cairn/chain';
import { createMemoryNetwork } from '@cairn/network';
import { connectRpcLedger } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { createPeerRpc, RPC_PROTOCOL, serveRpc } from '../../src/peers/rpc-protocol.ts';
import { createJsonRpc } from '../../src/rpc/json-rpc.ts';
import type { RpcMethod } from '../../src/rpc/method.ts';
import { aLog } from '../rpc/parts.ts';

const anything = { type: 'object' } as const;
const method = (name: string, run: RpcMethod['run']): RpcMethod => ({
  ...{ name, run },
  help: name,
  params: anything,
  result: anything,
});

function aNode(methods: readonly RpcMethod[]) {
  const time = createManualTime(0);
  const network = createMemoryNetwork();
  const rpc = createJsonRpc({ methods: new Map(methods.map((each) => [each.name, each])), log: aLog() });
  const stop = serveRpc({ transport: network.join('node'), timer: time.timer, rpc });
  const client = network.join('client');
  const ask = (nodes = ['node']) => createPeerRpc({ transport: client, timer: time.timer }, nodes);
  return { time, network, client, stop, ask };
}

const question = (name: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params: {} });
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('JSON-RPC between nodes', () => {
  it('is a ledger to read and write', async () => {
    const { ask } = aNode([method('chain_status', async () => ({ chainId: 'ab', height: 7 }))]);
    const ledger = await connectRpcLedger(ask(), async () => undefined);
    expect(ledger.chainId).toBe('ab');
    expect((await ledger.status()).height).toBe(7);
  });

  it('carries answers longer than a frame', async () => {
    const text = 'x'.repeat(9_000_000);
    const { ask } = aNode([method('long', async () => text)]);
    expect(JSON.parse(await ask()(question('long'))).result).toBe(text);
  });

  it('asks the next node when one is gone', async () => {
    const { ask } = aNode([method('here', async () => 'yes')]);
    expect(JSON.parse(await ask(['gone', 'node'])(question('here'))).result).toBe('yes');
  });

  it('names every node that did not answer, and why', async () => {
    const { ask } = aNode([]);
    await expect(ask(['gone', 'lost'])(question('here'))).rejects.toThrow(
      /gone: Peer gone cannot be reached.*lost: Peer lost cannot be reached/s,
    );
  });

  it('refuses a question that is too long', async () => {
    const { client } = aNode([method('here', async () => 'yes')]);
    const stream = await client.dial('node', RPC_PROTOCOL);
    await stream.write(new Uint8Array(1_048_577));
    await expect(stream.read()).rejects.toThrow(/at most 1048576 bytes/);
  });

  it('answers at most sixteen questions of one peer at once', async () => {
    const { ask } = aNode([method('never', () => new Promise(() => undefined))]);
    const fetches = [ask(), ask()] as const;
    for (let at = 0; at < 16; at++) fetches[at % 2]!(question('never')).catch(() => undefined);
    await turns(20);
    await expect(fetches[0](question('never'))).rejects.toThrow(/at most 16 questions of one peer/);
  });

  it('asks as many at once as are answered, and the rest in turn', async () => {
    let running = 0;
    let most = 0;
    const slow = method('slow', async () => {
      running += 1;
      most = Math.max(most, running);
      await turns(5);
      running -= 1;
      return 'yes';
    });
    const { ask } = aNode([slow]);
    const fetch = ask();
    const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(question('slow'))));
    expect(answers.every((answer) => JSON.parse(answer).result === 'yes')).toBe(true);
    expect(most).toBe(12);
  });

  it('goes on with those that wait when some fail', async () => {
    const { ask } = aNode([method('here', async () => 'yes')]);
    const fetch = ask(['gone']);
    const answers = await Promise.allSettled(Array.from({ length: 30 }, () => fetch(question('here'))));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 'rejected'));
  });

  it('gives up on an answer that does not come', async () => {
    const { ask, time } = aNode([method('never', () => new Promise(() => undefined))]);
    const answer = expect(ask()(question('never'))).rejects.toThrow(/it took too long/);
    await turns(20);
    await time.advance(150_000);
    await answer;
  });

  it('answers garbage as JSON-RPC does', async () => {
    const { ask } = aNode([]);
    expect(JSON.parse(await ask()('{')).error.code).toBe(-32700);
  });

  it('is not served once it has stopped', async () => {
    const { ask, stop } = aNode([method('here', async () => 'yes')]);
    stop();
    await expect(ask()(question('here'))).rejects.toMatchObject({ code: 'NODE_UNREACHABLE' });
  });
});
