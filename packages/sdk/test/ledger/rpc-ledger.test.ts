import { describe, expect, it } from 'vitest';
import { connectRpcLedger } from '../../src/ledger/rpc-ledger.ts';

/** A node that answers a call of `test_any` with this text; `$id` stands for the id of the request. */
async function askedFor(answer: string): Promise<unknown> {
  const ledger = await connectRpcLedger(
    async (body) => {
      const { id, method } = JSON.parse(body) as { id: number; method: string };
      if (method === 'chain_status') return JSON.stringify({ jsonrpc: '2.0', id, result: { chainId: '11' } });
      return answer.replace('$id', `${id}`);
    },
    async () => undefined,
  );
  return ledger.call('test_any', {});
}

describe('a ledger behind JSON-RPC', () => {
  it('gives what the node answered, null too', async () => {
    expect(await askedFor('{"jsonrpc":"2.0","id":$id,"result":{"a":1}}')).toEqual({ a: 1 });
    expect(await askedFor('{"jsonrpc":"2.0","id":$id,"result":null}')).toBeNull();
  });

  it('throws what the node refused, with its code', async () => {
    const refused = '{"jsonrpc":"2.0","id":$id,"error":{"code":-32000,"message":"no","data":{"code":"WHY"}}}';
    await expect(askedFor(refused)).rejects.toMatchObject({
      message: 'no',
      problem: { code: 'RPC_FAILED', reason: 'WHY' },
    });
    const bare = '{"jsonrpc":"2.0","id":$id,"error":{"code":-32000,"message":"no","data":7}}';
    await expect(askedFor(bare)).rejects.toMatchObject({ problem: { reason: 'UNKNOWN' } });
  });

  it.each([
    ['text', 'hello'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['the answer of another request', '{"jsonrpc":"2.0","id":999,"result":1}'],
    ['neither result nor error', '{"jsonrpc":"2.0","id":$id}'],
    ['both', '{"jsonrpc":"2.0","id":$id,"result":1,"error":{"message":"x"}}'],
    ['an error without words', '{"jsonrpc":"2.0","id":$id,"error":{"message":{"toString":1}}}'],
    ['an error that is none', '{"jsonrpc":"2.0","id":$id,"error":null}'],
  ])('refuses %s', async (_, answer) => {
    await expect(askedFor(answer)).rejects.toMatchObject({ code: 'RPC_MALFORMED' });
  });
});
