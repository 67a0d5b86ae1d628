import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReadRpc } from '../../src/comet/read-rpc.ts';
import { ChainError } from '../../src/index.ts';

function aRpc() {
  const calls: { method: string; params: unknown }[] = [];
  return {
    calls,
    close: () => undefined,
    async call<T>(method: string, params: Readonly<Record<string, unknown>> = {}) {
      calls.push({ method, params });
      if (method === 'header')
        return { ok: false, message: 'Internal error: height 9 is not available' } as const;
      if (method === 'health')
        throw new ChainError(
          { code: 'COMETBFT_UNREACHABLE', reason: 'it is gone' },
          'CometBFT cannot be asked.',
        );
      return { ok: true, result: { height: '7' } as T } as const;
    },
  };
}

const asked = (method: string, params: unknown = {}, id: unknown = 3) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

describe('what anybody may ask of consensus', () => {
  it('is handed on with its parameters and its id', async () => {
    const rpc = aRpc();
    const { answer } = createReadRpc(rpc);
    expect(await answer(asked('commit', { height: '7' }))).toEqual({
      jsonrpc: '2.0',
      id: 3,
      result: { height: '7' },
    });
    expect(await answer(asked('validators', [], 'a'))).toMatchObject({ id: 'a', result: {} });
    expect(rpc.calls).toEqual([
      { method: 'commit', params: { height: '7' } },
      { method: 'validators', params: {} },
    ]);
  });

  it('changes nothing and tells nothing of the node', async () => {
    const rpc = aRpc();
    const { answer } = createReadRpc(rpc);
    for (const method of [
      ...[
        'broadcast_tx_sync',
        'broadcast_tx_async',
        'broadcast_evidence',
        'dial_peers',
        'unsafe_flush_mempool',
      ],
      ...[
        'net_info',
        'dump_consensus_state',
        'unconfirmed_txs',
        'abci_query',
        'status',
        'genesis',
        'toString',
      ],
    ])
      expect((await answer(asked(method))).error?.code, method).toBe(-32601);
    expect(rpc.calls).toEqual([]);
  });

  it('says why CometBFT did not answer, in words its clients look for', async () => {
    const { answer } = createReadRpc(aRpc());
    expect((await answer(asked('header'))).error?.data).toContain('height 9 is not available');
    expect((await answer(asked('health'))).error?.data).toBe('CometBFT cannot be asked.');
  });

  it('refuses anything that is no request', async () => {
    const rpc = aRpc();
    const { answer } = createReadRpc(rpc);
    const others = [
      '',
      '[]',
      'null',
      '{}',
      '{"method":1}',
      asked('commit', 'x'),
      asked('commit', {}, {}),
      asked('commit', [1]),
    ];
    for (const body of [...others, `[${asked('commit')}]`])
      expect((await answer(body)).error?.code, body).toBe(-32600);
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        expect((await answer(body)).error).toBeDefined();
      }),
    );
    expect(rpc.calls).toEqual([]);
  });
});
