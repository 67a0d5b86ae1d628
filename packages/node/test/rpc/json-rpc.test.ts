import { CairnError } from '@cairn/core';
import { MODULES } from '@cairn/ledger';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJsonRpc, type RpcResponse } from '../../src/rpc/json-rpc.ts';
import { chainMethods, ledgerQueryMethods } from '../../src/rpc/ledger-methods.ts';
import { NO_PARAMS, type RpcMethod } from '../../src/rpc/method.ts';
import { openRpcDocument } from '../../src/rpc/openrpc.ts';
import { aChain, aLog } from './parts.ts';

const method = (name: string, run: RpcMethod['run']): RpcMethod => ({
  name,
  help: 'A method.',
  params: NO_PARAMS,
  result: {},
  run,
});

function aServer() {
  const log = aLog();
  const seen: unknown[] = [];
  const methods = [
    method('echo', async (params) => {
      seen.push(params);
      return params;
    }),
    method('nothing', async () => undefined),
    method('fails', async () => {
      throw new Error('secret /srv/someone/key');
    }),
    method('diskFails', async () => {
      throw new CairnError({ code: 'STORE_CORRUPT', folder: '/srv/someone' } as never, 'in /srv/someone');
    }),
    method('refuses', async () => {
      throw new CairnError({ code: 'HEIGHT_UNKNOWN' }, 'Height 7 is not there.');
    }),
  ];
  return {
    log,
    seen,
    rpc: createJsonRpc({ methods: new Map(methods.map((each) => [each.name, each])), log }),
  };
}

const call = (name: string, rest: object = {}) =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, ...rest });

describe('createJsonRpc', () => {
  it.each<[string, string, number]>([
    ['no JSON', '{', -32700],
    ['nothing', '', -32700],
    ['no object', '7', -32600],
    ['null', 'null', -32600],
    ['an empty batch', '[]', -32600],
    ['another version', JSON.stringify({ jsonrpc: '1.0', id: 1, method: 'echo' }), -32600],
    ['no method', JSON.stringify({ jsonrpc: '2.0', id: 1 }), -32600],
    ['an id that is an object', JSON.stringify({ jsonrpc: '2.0', id: {}, method: 'echo' }), -32600],
    ['an unknown method', call('nope'), -32601],
    ['the name of a prototype', call('__proto__'), -32601],
    ['the name of a constructor', call('constructor'), -32601],
    ['parameters by position', call('echo', { params: [1] }), -32602],
    ['parameters of null', call('echo', { params: null }), -32602],
    ['parameters of text', call('echo', { params: 'x' }), -32602],
    ['a failure', call('fails'), -32603],
    ['a refusal', call('refuses'), -32000],
  ])('answers %s with its code', async (_, body, code) => {
    expect(await aServer().rpc.answer(body)).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  it('keeps the id of the request, also 0, empty text and null', async () => {
    const { rpc } = aServer();
    for (const id of [0, -1.5, '', 'x', null]) {
      expect(await rpc.answer(JSON.stringify({ jsonrpc: '2.0', id, method: 'echo' })), String(id)).toEqual({
        jsonrpc: '2.0',
        id,
        result: {},
      });
    }
  });

  it('gives null where a method gives nothing, since an answer has a result', async () => {
    expect(JSON.stringify(await aServer().rpc.answer(call('nothing')))).toBe(
      '{"jsonrpc":"2.0","id":1,"result":null}',
    );
  });

  it('runs notifications and stays silent, also about their failures', async () => {
    const { rpc, seen } = aServer();
    const notify = (name: string) => ({ jsonrpc: '2.0', method: name, params: { a: 1 } });
    expect(await rpc.answer(JSON.stringify(notify('echo')))).toBeNull();
    expect(await rpc.answer(JSON.stringify([notify('fails'), notify('nope'), notify('echo')]))).toBeNull();
    expect(seen).toEqual([{ a: 1 }, { a: 1 }]);
  });

  it('answers a batch in its order and leaves notifications out', async () => {
    const batch = [
      { jsonrpc: '2.0', id: 'a', method: 'echo', params: { n: 1 } },
      { jsonrpc: '2.0', method: 'echo' },
      7,
      { jsonrpc: '2.0', id: 'b', method: 'refuses' },
      { jsonrpc: '2.0', id: 'a', method: 'echo' },
    ];
    const answers = (await aServer().rpc.answer(JSON.stringify(batch))) as RpcResponse[];
    expect(answers.map(({ id }) => id)).toEqual(['a', null, 'b', 'a']);
  });

  it('refuses a batch above its bound and runs none of it', async () => {
    const { rpc, seen } = aServer();
    const batch = (size: number) =>
      JSON.stringify(Array.from({ length: size }, (_, id) => ({ jsonrpc: '2.0', id, method: 'echo' })));
    expect(await rpc.answer(batch(100))).toHaveLength(100);
    seen.length = 0;
    expect(await rpc.answer(batch(101))).toMatchObject({ id: null, error: { code: -32600 } });
    expect(seen).toEqual([]);
  });

  it('tells a stranger no stack, path or text of an unexpected error, and tells the log', async () => {
    const { rpc, log } = aServer();
    for (const name of ['fails', 'diskFails']) {
      expect(JSON.stringify(await rpc.answer(call(name))), name).not.toMatch(/someone|at |STORE/);
    }
    expect(log.lines).toHaveLength(2);
    expect(log.lines.join()).toContain('/srv/someone/key');
  });

  it('is not polluted by parameters named after prototypes', async () => {
    const { rpc } = aServer();
    await rpc.answer(
      `{"jsonrpc":"2.0","id":1,"method":"echo","params":{"__proto__":{"polluted":1}},"__proto__":{"id":9}}`,
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('survives deep nesting', async () => {
    const { rpc } = aServer();
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(await rpc.answer(deep)).toMatchObject([{ error: { code: -32600 } }]);
    const nested = `{"jsonrpc":"2.0","id":1,"method":"nothing","params":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
    expect(await rpc.answer(nested)).toMatchObject({ result: null });
  });
});

async function aNode() {
  const chain = await aChain();
  await chain.blocks(3);
  const log = aLog();
  const methods = [...chainMethods(chain.ledger), ...ledgerQueryMethods(chain.ledger)];
  const rpc = createJsonRpc({ methods: new Map(methods.map((each) => [each.name, each])), log });
  const ask = async (name: string, params: object) =>
    (await rpc.answer(call(name, { params }))) as {
      result?: unknown;
      error?: { code: number; data?: object };
    };
  return { chain, methods, rpc, ask, log };
}

describe('methods of the chain', () => {
  it.each<[string, object]>([
    ['chain_block', { at: -1 }],
    ['chain_block', { at: 1.5 }],
    ['chain_block', { at: 'zz' }],
    ['chain_block', { at: null }],
    ['chain_block', { at: 1, more: 1 }],
    ['chain_block', { at: 'A'.repeat(64) }],
    ['chain_transaction', {}],
    ['chain_transaction', { id: 7 }],
    ['chain_transaction', { id: '../../etc' }],
    ['chain_proof', { key: 'x'.repeat(513) }],
    ['chain_proof', { key: 'x', height: '1' }],
    ['chain_events', {}],
    ['chain_events', { from: 1, names: 'all' }],
    ['chain_events', { from: 1, names: [1] }],
    ['chain_events', { from: 1, names: Array.from({ length: 51 }, () => 'a') }],
    ['chain_submit', {}],
    ['chain_submit', { transaction: '0' }],
    ['chain_submit', { transaction: 'zz' }],
    ['chain_submit', { transaction: '0x00' }],
    ['chain_submitAndWait', { transaction: '00', timeoutMs: -1 }],
    ['chain_status', { a: 1 }],
    ['accounts_get', { address: 'nobody' }],
    ['accounts_get', { __proto__: { address: 'x' } }],
    ['subnets_metagraph', { netuid: 65_536 }],
    ['subnets_metagraph', { netuid: '1' }],
  ])('%s refuses %j as wrong parameters', async (name, params) => {
    const { ask } = await aNode();
    expect((await ask(name, params)).error).toMatchObject({ code: -32602 });
  });

  it('says which heights there are when one is asked for that is not', async () => {
    const { ask } = await aNode();
    for (const [name, params] of [
      ['chain_proof', { key: 'x', height: 9 }],
      ['chain_events', { from: 0 }],
      ['chain_events', { from: 5 }],
    ] as const) {
      expect((await ask(name, params)).error, name).toMatchObject({
        code: -32000,
        data: { code: 'HEIGHT_UNKNOWN' },
      });
    }
    expect(await ask('chain_block', { at: 9 })).toMatchObject({ result: null });
    expect(await ask('chain_block', { at: 'a'.repeat(64) })).toMatchObject({ result: null });
    expect(await ask('chain_events', { from: 4 })).toMatchObject({ result: { events: [], next: 4 } });
  });

  it('takes no transaction that is not one', async () => {
    const { ask } = await aNode();
    expect(await ask('chain_submit', { transaction: '00ff' })).toMatchObject({ result: { ok: false } });
  });

  it('never throws and always answers as JSON-RPC, whatever it is sent', async () => {
    const { rpc, methods, log } = await aNode();
    const name = fc.oneof(fc.constantFrom(...methods.map((each) => each.name)), fc.string());
    const field = fc.constantFrom(
      'at',
      'id',
      'key',
      'height',
      'from',
      'names',
      'transaction',
      'netuid',
      'uid',
      'address',
      'limit',
      'after',
      '__proto__',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      fc.nat(),
      fc.stringMatching(/^[0-9a-f]{0,70}$/),
      fc.constantFrom(-1, 1e308, 2 ** 53),
    );
    const request = fc.record(
      {
        jsonrpc: fc.constantFrom('2.0', '2'),
        id: fc.jsonValue(),
        method: name,
        params: fc.oneof(fc.dictionary(field, value), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      request.map((each) => JSON.stringify(each)),
      fc.array(request, { maxLength: 4 }).map((each) => JSON.stringify(each)),
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const answer = await rpc.answer(text.includes('chain_submitAndWait') ? '' : text);
        for (const one of answer === null ? [] : [answer].flat()) {
          const read = JSON.parse(JSON.stringify(one)) as Record<string, unknown>;
          expect(Object.keys(read).sort()).toEqual(
            ['id', 'jsonrpc', 'error' in read ? 'error' : 'result'].sort(),
          );
          expect(JSON.stringify(read)).not.toContain('/secret/folder');
        }
      }),
      { numRuns: 500 },
    );
    expect(log.lines).toEqual([]);
  });
});

describe('openRpcDocument', () => {
  it('lists every query of every module and every method of the chain, with schemas', async () => {
    const { methods } = await aNode();
    const document = openRpcDocument(methods, '1.2.3') as {
      openrpc: string;
      info: object;
      methods: {
        name: string;
        summary: string;
        paramStructure: string;
        params: { name: string; required: boolean; schema: object }[];
        result: { name: string; schema: object };
      }[];
    };
    expect(document).toMatchObject({
      openrpc: expect.stringMatching(/^1\.\d+\.\d+$/),
      info: { version: '1.2.3' },
    });
    const listed = document.methods.map(({ name }) => name);
    expect(new Set(listed).size).toBe(listed.length);
    const queries = MODULES.flatMap((module) => module.queries.map(({ name }) => name));
    expect(queries.length).toBeGreaterThan(10);
    expect(listed).toEqual(expect.arrayContaining([...queries, 'chain_status', 'chain_submitAndWait']));
    for (const { name, summary, paramStructure, params, result } of document.methods) {
      expect(name).toMatch(/^[a-z]+_[a-zA-Z]+$/);
      expect(summary, name).toMatch(/\S/);
      expect(paramStructure, name).toBe('by-name');
      expect(result, name).toMatchObject({ name: expect.any(String), schema: expect.any(Object) });
      const optional = params.findIndex(({ required }) => !required);
      const required = params.map((param) => param.required);
      expect(optional === -1 || !required.slice(optional).includes(true), `${name}: required first`).toBe(
        true,
      );
      for (const param of params)
        expect(param, name).toMatchObject({ name: expect.any(String), schema: expect.any(Object) });
    }
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it('says of each parameter whether it is required as the method itself does', async () => {
    const { methods, ask } = await aNode();
    for (const { name, params } of methods) {
      const required = (params.required ?? []) as readonly string[];
      const { error } = await ask(name, {});
      expect(error?.code === -32602, name).toBe(required.length > 0);
      expect((await ask(name, { noSuchParameter: 1 })).error?.code, name).toBe(-32602);
    }
  });
});
