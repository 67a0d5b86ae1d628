import { bytesToHex, encode } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  accounts,
  type BlockOutcome,
  checkBlockLimits,
  createLedger,
  transferShape,
} from '../../src/index.ts';
import { aChain, aKey, CAIRN, type TestChain, testCrypto } from '../support/chain.ts';
import { aBody, executeBytes, signedBytes, strictLedger } from '../support/signed.ts';

const alice = aKey(1);
const bob = aKey(2);
const nobody = aKey(9);
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [alice, bob] });
});

const accountsOf = ({ changes }: BlockOutcome) =>
  new Map(
    changes.flatMap(({ key, value }) =>
      key.startsWith('accounts/') ? [[key.split('/')[2]!, value === null ? '' : bytesToHex(value)]] : [],
    ),
  );
const spendableOf = (outcome: BlockOutcome, key: typeof alice): bigint => {
  const found = outcome.changes.find(
    ({ key: name }) => name === `accounts/account/${bytesToHex(key.account)}`,
  );
  return accounts.table.get({ get: () => found?.value ?? undefined }, '')?.spendable ?? 0n;
};

describe('a block', () => {
  it('gives the same outcome whether signatures and decoding were remembered or not', async () => {
    const txs = [
      await signedBytes(alice, aBody(chain, alice, { to: bob.account })),
      await signedBytes(alice, aBody(chain, bob)),
      Uint8Array.of(1, 2, 3),
      await signedBytes(bob, aBody(chain, bob, { amount: 0n })),
    ];
    const block = {
      height: 1,
      timeMs: 1_700_000_001_000,
      hash: new Uint8Array(32),
      proposer: alice.account,
      votes: [],
      misbehavior: [],
      txs,
    };
    const good = new Set([txs[0], txs[3]]);
    const remembering = createLedger({
      crypto: testCrypto,
      verified: { has: (bytes) => good.has(bytes) },
    });
    const [one, other] = [strictLedger.apply(chain.view, block), remembering.apply(chain.view, block)];
    expect(one).toEqual(other);
    expect(one.results.map(({ problem }) => problem?.code ?? null)).toEqual([
      null,
      'SIGNATURE_INVALID',
      'TRANSACTION_MALFORMED',
      'AMOUNT_ZERO',
    ]);
  });

  it('executes in order: money received in it can be spent in it', async () => {
    const rich = 90_000n * CAIRN;
    const first = await signedBytes(alice, aBody(chain, alice, { to: bob.account, amount: rich }));
    const second = await signedBytes(
      bob,
      aBody(chain, bob, { to: alice.account, amount: rich + 50_000n * CAIRN }),
    );
    const codes = (txs: Uint8Array[]) =>
      executeBytes(chain, txs).results.map(({ problem }) => problem?.code ?? null);
    expect(codes([first, second])).toEqual([null, null]);
    expect(codes([second, first])).toEqual(['BALANCE_TOO_LOW', null]);
  });

  it('lists changes in the order of their keys, each key once', async () => {
    const { changes } = executeBytes(chain, [
      await signedBytes(alice, aBody(chain, alice, { to: bob.account })),
    ]);
    const keys = changes.map(({ key }) => key);
    expect(keys).toEqual([...new Set(keys)].sort());
  });

  it('does not change the state it is applied to', async () => {
    const before = [...chain.store].map(([key, value]) => `${key}=${bytesToHex(value)}`);
    executeBytes(chain, [await signedBytes(alice, aBody(chain, alice, { to: bob.account }))]);
    expect([...chain.store].map(([key, value]) => `${key}=${bytesToHex(value)}`)).toEqual(before);
  });
});

describe('a message that fails', () => {
  it('leaves the fee and the nonce and nothing else, whatever it had written before', async () => {
    const deposit = 200_000n * CAIRN;
    // The bond of the record is held before the deposit turns out to be too much.
    const outcome = chain.block([
      { from: alice, name: 'channels.open', message: { payee: bob.account, netuid: 1, deposit } },
    ]);
    const [result] = outcome.results;
    expect(result!.problem?.code).toBe('BALANCE_TOO_LOW');
    expect(result!.events).toEqual([]);
    expect([...accountsOf(outcome).keys()]).toEqual([bytesToHex(alice.account)]);
    expect(accounts.get(chain.view, alice.account)).toEqual({
      nonce: 1n,
      spendable: 100_000n * CAIRN - 200_000n - result!.fee,
      deposit: 200_000n,
      records: 0,
      isKeyChanged: false,
      isFrozen: false,
    });
  });

  it('pays its tip nonetheless', async () => {
    const tipped = await signedBytes(alice, aBody(chain, alice, { amount: 0n, tip: CAIRN }));
    const outcome = executeBytes(chain, [tipped], { proposer: bob.account });
    expect(outcome.results[0]!.problem?.code).toBe('AMOUNT_ZERO');
    expect(spendableOf(outcome, bob)).toBe(100_001n * CAIRN - 200_000n);
  });
});

describe('a tip', () => {
  const tipped = (tip: bigint) => signedBytes(alice, aBody(chain, alice, { to: alice.account, tip }));

  it('goes to the proposer', async () => {
    const outcome = executeBytes(chain, [await tipped(5n)], { proposer: bob.account });
    expect(spendableOf(outcome, bob)).toBe(100_000n * CAIRN - 200_000n + 5n);
    expect(spendableOf(outcome, alice)).toBe(100_000n * CAIRN - 200_000n - 5n - outcome.results[0]!.fee);
  });

  it('opens the account of a proposer when it is enough, and else stays with the sender', async () => {
    const enough = executeBytes(chain, [await tipped(200_001n)], { proposer: nobody.account });
    expect(spendableOf(enough, nobody)).toBe(1n);
    const little = executeBytes(chain, [await tipped(199_999n)], { proposer: nobody.account });
    expect([...accountsOf(little).keys()]).toEqual([bytesToHex(alice.account)]);
    expect(spendableOf(little, alice)).toBe(100_000n * CAIRN - 200_000n - little.results[0]!.fee);
    expect(little.events.map(({ name }) => name)).toContain('fees.tipRefused');
  });

  it('of a proposer to itself moves nothing', async () => {
    const outcome = executeBytes(chain, [await tipped(CAIRN)], { proposer: alice.account });
    expect(spendableOf(outcome, alice)).toBe(100_000n * CAIRN - 200_000n - outcome.results[0]!.fee);
  });
});

describe('the limits of a block', () => {
  it('are its bytes, its work and that all of it can be read', async () => {
    const small = aChain({
      funded: [alice],
      parameters: { maxBlockBytes: 65_536n, maxBlockWork: 1_000n, maxTransactionBytes: 65_536n },
    });
    const tx = await signedBytes(alice, aBody(small, alice));
    const codeOf = (txs: readonly Uint8Array[]) =>
      checkBlockLimits(testCrypto, small.view, txs)?.code ?? null;
    const most = Math.floor(65_536 / tx.length);
    expect(codeOf([])).toBe(null);
    expect(codeOf(new Array<Uint8Array>(most).fill(tx))).toBe(null);
    expect(codeOf(new Array<Uint8Array>(most + 1).fill(tx))).toBe('BLOCK_TOO_LARGE');
    expect(codeOf([tx, Uint8Array.of(1)])).toBe('TRANSACTION_MALFORMED');
    const heavy = aChain({ funded: [alice], parameters: { maxBlockWork: 1_000n } });
    const codeOfHeavy = (txs: readonly Uint8Array[]) =>
      checkBlockLimits(testCrypto, heavy.view, txs)?.code ?? null;
    expect(codeOfHeavy(new Array<Uint8Array>(500).fill(tx))).toBe(null);
    expect(codeOfHeavy(new Array<Uint8Array>(501).fill(tx))).toBe('BLOCK_TOO_HEAVY');
  });
});

describe('a damaged store', () => {
  it('stops the block and says which record it was', async () => {
    const key = `accounts/account/${bytesToHex(bob.account)}`;
    chain.store.set(key, chain.store.get(key)!.subarray(1));
    const message = encode(transferShape, { to: bob.account, amount: 1n });
    const tx = await signedBytes(alice, aBody(chain, alice, { message }));
    expect(() => executeBytes(chain, [tx])).toThrow(key);
  });
});
