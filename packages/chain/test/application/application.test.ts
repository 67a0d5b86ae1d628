import { bytesToHex, hashStateKey, hexToBytes, stateProof, verifyStateProof } from '@cairn/core';
import { accounts, type BlockInput } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import {
  type ChainError,
  createApplication,
  createInlineVerifier,
  createMemoryStore,
  openChainState,
} from '../../src/index.ts';
import {
  aChain,
  aGenesis,
  alice,
  aTransfer,
  bob,
  crypto,
  GENESIS_MS,
  idOf,
  include,
  operator,
} from '../parts.ts';

async function anApplication(store = createMemoryStore(), retainBlocks = 0, genesis = aGenesis()) {
  const state = openChainState({ crypto, store }, { folder: 'memory' });
  const application = createApplication(
    { crypto, state, verifier: createInlineVerifier(crypto) },
    { folder: 'memory', retainBlocks },
  );
  await application.initChain(genesis);
  return { application, store };
}

function aBlock(height: number, txs: Uint8Array[]): BlockInput {
  const hash = new Uint8Array(32).fill(height);
  const timeMs = GENESIS_MS + height * 1_000;
  return { height, timeMs, hash, proposer: idOf(operator), votes: [], misbehavior: [], txs };
}

const codeOf = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    return (error as ChainError).code;
  }
  return 'none';
};

describe('the application', () => {
  it('lets consensus forget blocks, but none of which evidence still counts', async () => {
    const unbonding = [
      { name: 'slotMs', value: 1_000n },
      { name: 'unbondingSlots', value: 60n },
    ];
    // Evidence counts for half of a minute: five blocks.
    for (const [retainBlocks, retained] of [
      [0, 0],
      [1, 3],
      [6, 2],
      [100, 0],
    ] as const) {
      const genesis = { ...aGenesis(), parameters: unbonding };
      const { application } = await anApplication(createMemoryStore(), retainBlocks, genesis);
      let retainHeight = 0;
      for (let height = 1; height <= 8; height++) {
        await application.finalizeBlock(aBlock(height, []));
        ({ retainHeight } = await application.commit());
      }
      expect(retainHeight, `${retainBlocks} blocks`).toBe(retained);
    }
  });

  it('persists nothing before commit: after a crash it is a block behind and finalizes the same again', async () => {
    const { application, store } = await anApplication();
    const block = aBlock(1, [await aTransfer()]);
    const first = await application.finalizeBlock(block);
    const { application: restarted } = await anApplication(store);
    expect(restarted.info().height).toBe(0);
    expect((await restarted.finalizeBlock(block)).appHash).toEqual(first.appHash);
    await restarted.commit();
    expect((await anApplication(store)).application.info()).toMatchObject({
      height: 1,
      appHash: first.appHash,
    });
  });

  it('takes back a finalized block that another one replaces', async () => {
    const { application } = await anApplication();
    await application.finalizeBlock(aBlock(1, [await aTransfer({ amount: 77n })]));
    const replaced = await application.finalizeBlock(aBlock(1, []));
    const { application: other } = await anApplication();
    expect(replaced.appHash).toEqual((await other.finalizeBlock(aBlock(1, []))).appHash);
  });

  it('can commit again after a commit that could not be written', async () => {
    const inner = createMemoryStore();
    let isFull = false;
    const store = {
      ...inner,
      write: async (changes: Parameters<typeof inner.write>[0]) => {
        if (isFull) throw new Error('no space left on device');
        await inner.write(changes);
      },
    };
    const { application } = await anApplication(store);
    const { appHash } = await application.finalizeBlock(aBlock(1, [await aTransfer()]));
    isFull = true;
    await expect(application.commit()).rejects.toThrow(/no space/);
    expect(application.info().height).toBe(0);
    isFull = false;
    await application.commit();
    expect((await anApplication(inner)).application.info()).toMatchObject({ height: 1, appHash });
  });

  it('refuses blocks and commits out of order', async () => {
    const { application } = await anApplication();
    await expect(application.finalizeBlock(aBlock(2, []))).rejects.toMatchObject({
      code: 'CALL_OUT_OF_ORDER',
    });
    await expect(application.commit()).rejects.toMatchObject({ code: 'CALL_OUT_OF_ORDER' });
  });

  it('refuses a proposal with bytes that are no transaction, and one that does not follow', async () => {
    const { application } = await anApplication();
    expect(application.processProposal(aBlock(1, [await aTransfer()]))).toBe(true);
    expect(application.processProposal(aBlock(1, [new Uint8Array(9)]))).toBe(false);
    expect(application.processProposal(aBlock(2, []))).toBe(false);
    expect(application.processProposal({ ...aBlock(1, []), timeMs: GENESIS_MS })).toBe(false);
  });

  it('prepares only what passes in order, and changes nothing by it', async () => {
    const { application } = await anApplication();
    const good = [await aTransfer({ nonce: 0n }), await aTransfer({ nonce: 1n })];
    const request = { height: 1, timeMs: GENESIS_MS + 1, proposer: idOf(operator), maxBytes: 100_000 };
    const offered = [good[0]!, await aTransfer({ nonce: 5n }), good[1]!, new Uint8Array(3)];
    expect(application.prepareProposal({ ...request, txs: offered })).toEqual(good);
    expect(application.prepareProposal({ ...request, txs: offered })).toEqual(good);
    expect(application.prepareProposal({ ...request, txs: good, maxBytes: good[0]!.length })).toEqual([
      good[0],
    ]);
  });

  it('is the same whether or not a signature was checked before', async () => {
    const [warm, cold] = [await anApplication(), await anApplication()];
    const forged = await aTransfer();
    forged[forged.length - 1]! ^= 1;
    const block = aBlock(1, [await aTransfer(), forged]);
    for (const tx of block.txs) await warm.application.checkTx(tx, 'new');
    const [first, second] = [
      await warm.application.finalizeBlock(block),
      await cold.application.finalizeBlock(block),
    ];
    expect(first).toEqual(second);
    expect(first.results.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('names the queries there are, and what is wrong with the parameters of one', async () => {
    const { application } = await anApplication();
    expect(codeOf(() => application.query('accounts_rob', {}))).toBe('QUERY_UNKNOWN');
    expect(codeOf(() => application.query('accounts_get', { address: 'x' }))).toBe('QUERY_PARAMS_INVALID');
    expect(codeOf(() => application.query('accounts_get', null))).toBe('QUERY_PARAMS_INVALID');
    expect(codeOf(() => application.query('toString', {}))).toBe('QUERY_UNKNOWN');
  });
});

describe('proofs', () => {
  const key = accounts.table.prefix + bytesToHex(idOf(bob));

  it('of the value at every recent height hold against the root of that height', async () => {
    await using chain = await aChain({ undoBlocks: 5 });
    await chain.engine.start();
    for (let nonce = 0n; nonce < 8n; nonce++)
      await include(chain, await aTransfer({ nonce, amount: 1_000n + nonce }));
    const { height } = await chain.ledger.status();
    const values = new Set<string>();
    for (let at = height - 5; at <= height; at++) {
      const view = await chain.ledger.proof(key, at);
      const block = await chain.ledger.block(at);
      expect(view.appHash, `height ${at}`).toBe(block!.appHash);
      const proof = stateProof.fromJson(view.proof);
      const root = hexToBytes(view.appHash);
      expect(verifyStateProof(crypto, root, key, hexToBytes(view.value!), proof), `height ${at}`).toBe(true);
      expect(verifyStateProof(crypto, root, key, null, proof)).toBe(false);
      values.add(view.value!);
    }
    expect(values.size).toBeGreaterThan(2);
    await expect(chain.ledger.proof(key, height - 6)).rejects.toMatchObject({ code: 'HEIGHT_TOO_OLD' });
    await expect(chain.ledger.proof(key, height + 1)).rejects.toMatchObject({ code: 'HEIGHT_UNKNOWN' });
    await include(chain, await aTransfer({ nonce: 8n }));
    const again = await chain.ledger.proof(key);
    expect(again.appHash).toBe((await chain.ledger.block())!.appHash);
  });

  it('of absence hold too', async () => {
    await using chain = await aChain();
    const view = await chain.ledger.proof('accounts/account/none');
    expect(view.value).toBeNull();
    const root = hexToBytes(view.appHash);
    expect(
      verifyStateProof(crypto, root, 'accounts/account/none', null, stateProof.fromJson(view.proof)),
    ).toBe(true);
    expect(hashStateKey(crypto, key)).toHaveLength(32);
  });

  it('are of the committed state while a block is finalized and not committed', async () => {
    const { application } = await anApplication();
    const before = application.prove(key);
    await application.finalizeBlock(aBlock(1, [await aTransfer({ from: alice })]));
    expect(application.prove(key)).toEqual(before);
    await application.commit();
    expect(application.prove(key).appHash).toEqual(application.info().appHash);
  });
});
