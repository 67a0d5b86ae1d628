import { accountIdToAddress, encode } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { accounts, createLedger, transactionToBytes, transferShape } from '../../src/index.ts';
import { agreement, aKey, CAIRN, type TestChain, type TestKey, testCrypto } from '../support/chain.ts';
import { aClaim, openChannel } from '../support/channels.ts';
import { brokenInvariants } from '../support/invariants.ts';
import { aChange, aKeyChain, changeOf, DELAY, keyOf, rotate, speaking } from '../support/keys.ts';
import { aBody, executeBytes, signedBytes } from '../support/signed.ts';

const [alice, bob, stranger] = [aKey(1), aKey(2), aKey(3)];
const [second, third] = [aKey(11), aKey(12)];
let chain: TestChain;

beforeEach(() => {
  chain = aKeyChain([alice, bob, stranger]);
});

const send = (from: TestKey, name: string, message: unknown) => chain.send(from, `accounts.${name}`, message);
const pay = (from: TestKey) => send(from, 'transfer', { to: bob.account, amount: 1n });
const announce = (newKey: TestKey) => send(alice, 'announceKeyChange', { newKey: newKey.account });

describe('a change of key', () => {
  it('gives the account to the new key and takes it from the old one', async () => {
    const now = await rotate(chain, alice, second);
    expect(keyOf(chain, alice)).toEqual(second.account);
    expect(pay(alice)).toBe('KEY_CHANGED');
    expect(pay(now)).toBe(null);
    expect(pay(second)).toBe('ACCOUNT_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('waits for its delay to the slot, and anybody may carry it out', async () => {
    expect(announce(second)).toBe(null);
    const change = await aChange(chain, alice, second);
    chain.advance(Number(DELAY) - 2);
    expect(send(stranger, 'changeKey', change)).toBe('KEY_CHANGE_EARLY');
    expect(send(stranger, 'changeKey', change)).toBe(null);
    expect(send(stranger, 'changeKey', change)).toBe('KEY_CHANGE_UNKNOWN');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('can be repeated, and back to the first key, with one deposit in all', async () => {
    const records = () => accounts.get(chain.view, alice.account)!.records;
    let now = await rotate(chain, alice, second);
    const once = records();
    now = await rotate(chain, now, third);
    expect(records()).toBe(once);
    expect(pay(speaking(alice, second))).toBe('KEY_CHANGED');
    await rotate(chain, now, alice);
    expect(pay(alice)).toBe(null);
    expect(pay(now)).toBe('KEY_CHANGED');
    expect(records()).toBe(once);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('remembers eight former keys and forgets the oldest first', async () => {
    let now: TestKey = alice;
    for (let n = 20; n < 30; n += 1) now = await rotate(chain, now, aKey(n));
    const found = chain.query('accounts_keys', { address: accountIdToAddress(alice.account) });
    expect(found.key).toBe(accountIdToAddress(aKey(29).account));
    expect(found.former.map(({ key }: { key: string }) => key)).toEqual(
      Array.from({ length: 8 }, (_, i) => accountIdToAddress(aKey(21 + i).account)),
    );
  });

  it('keeps the account from being closed: reopened it would belong to the old key', async () => {
    const now = await rotate(chain, alice, second);
    expect(send(now, 'close', { beneficiary: bob.account })).toBe('ACCOUNT_HAS_RECORDS');
  });

  it('needs the consent of the new key, for this account and this chain', async () => {
    announce(second);
    chain.advance(Number(DELAY));
    const ofAnother = await aChange(chain, alice, third);
    const forAnother = { ...(await aChange(chain, bob, second)), account: alice.account };
    const elsewhere = await aChange(chain, alice, second, new Uint8Array(32));
    expect(send(stranger, 'changeKey', ofAnother)).toBe('KEY_CONSENT_WRONG');
    expect(send(stranger, 'changeKey', forAnother)).toBe('KEY_CONSENT_INVALID');
    expect(send(stranger, 'changeKey', elsewhere)).toBe('KEY_CONSENT_INVALID');
    expect(keyOf(chain, alice)).toEqual(alice.account);
  });

  it('is announced once, for another key, and can be taken back', () => {
    expect(announce(alice)).toBe('KEY_UNCHANGED');
    const before = accounts.get(chain.view, alice.account)!.records;
    expect(announce(second)).toBe(null);
    expect(announce(third)).toBe('KEY_CHANGE_PENDING');
    expect(send(stranger, 'clearKeyChange', { account: alice.account })).toBe('NOT_OWN_KEY');
    expect(send(alice, 'clearKeyChange', { account: alice.account })).toBe(null);
    expect(send(alice, 'clearKeyChange', { account: alice.account })).toBe('KEY_CHANGE_UNKNOWN');
    expect(accounts.get(chain.view, alice.account)!.records).toBe(before);
    expect(announce(third)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('without guardians is stopped by a dispute, which freezes nothing', () => {
    announce(second);
    expect(send(stranger, 'disputeKeyChange', { account: alice.account })).toBe('NOT_OWN_KEY');
    expect(send(alice, 'disputeKeyChange', { account: alice.account })).toBe(null);
    expect(changeOf(chain, alice)).toBe(undefined);
    expect(send(alice, 'disputeKeyChange', { account: alice.account })).toBe('KEY_CHANGE_UNKNOWN');
    expect(pay(alice)).toBe(null);
    expect(brokenInvariants(chain)).toEqual([]);
  });
});

describe('the block of a change', () => {
  /** Alice's account is ready for its second key; what follows is signed and checked for real. */
  async function aBlock(messages: readonly { key: TestKey; nonce: bigint; messageId?: number }[]) {
    announce(second);
    chain.advance(Number(DELAY));
    const change = await aChange(chain, alice, second);
    const { changeKeyShape } = await import('../../src/index.ts');
    const { nonce } = accounts.get(chain.view, alice.account)!;
    const first = await signedBytes(
      stranger,
      aBody(chain, stranger, { messageId: 14, message: encode(changeKeyShape, change) }),
    );
    const others = messages.map(({ key, nonce: ahead }) =>
      signedBytes(key, aBody(chain, alice, { nonce: nonce + ahead, to: bob.account })),
    );
    return { first, others: await Promise.all(others), height: Number(DELAY) + 2 };
  }

  it('refuses the old key after the change, which still pays for its place', async () => {
    const { first, others, height } = await aBlock([
      { key: alice, nonce: 0n },
      { key: alice, nonce: 1n },
    ]);
    const { results } = executeBytes(chain, [others[0]!, first, others[1]!], { height });
    expect(results.map(({ problem }) => problem?.code ?? null)).toEqual([null, null, 'KEY_CHANGED']);
    expect(results[2]!.fee > 0n).toBe(true);
  });

  it('does not admit the new key, which speaks from the next block on', async () => {
    const { first, others, height } = await aBlock([{ key: second, nonce: 0n }]);
    const { results } = executeBytes(chain, [first, others[0]!], { height });
    expect(results.map(({ problem, fee }) => [problem?.code ?? null, fee === 0n])).toEqual([
      [null, false],
      ['SIGNATURE_INVALID', true],
    ]);
  });

  it('is the same whether signatures were remembered or not', async () => {
    const { first, others, height } = await aBlock([
      { key: alice, nonce: 0n },
      { key: second, nonce: 0n },
      { key: alice, nonce: 1n },
    ]);
    const txs = [others[0]!, first, others[1]!, others[2]!];
    const block = {
      height,
      timeMs: 1_700_000_000_000 + height * 1_000,
      hash: testCrypto.sha256(Uint8Array.of(height)),
      proposer: new Uint8Array(32).fill(9),
      votes: [],
      misbehavior: [],
      txs,
    };
    const trusting = createLedger({ crypto: testCrypto, verified: { has: () => true } });
    expect(trusting.apply(chain.view, block)).toEqual(executeBytes(chain, txs, { height }));
  });

  it('of before and after: a signature of the old key is still a signature, and still refused', async () => {
    const now = await rotate(chain, alice, second);
    const body = aBody(chain, alice, { message: encode(transferShape, { to: bob.account, amount: 1n }) });
    const trusting = createLedger({ crypto: testCrypto, verified: { has: () => true } });
    const code = (tx: Uint8Array) =>
      trusting.apply(chain.view, {
        height: 50,
        timeMs: 1_700_000_050_000,
        hash: new Uint8Array(32),
        proposer: bob.account,
        votes: [],
        misbehavior: [],
        txs: [tx],
      }).results[0]!.problem?.code ?? null;
    expect(code(await signedBytes(alice, body))).toBe('KEY_CHANGED');
    expect(code(await signedBytes(now, body))).toBe(null);
    const unsigned = { scheme: 'ed25519', publicKey: bob.publicKey, signature: new Uint8Array(64) } as const;
    expect(code(transactionToBytes({ body, authorization: unsigned }))).toBe('KEY_CHANGED');
  });
});

describe('what an account began before its key changed', () => {
  it('goes on: vouchers of both keys pay, those of strangers do not', async () => {
    const before = openChannel(chain, alice, bob);
    const now = await rotate(chain, alice, second);
    const claim = async (id: Uint8Array, signer: TestKey, cumulative: bigint) =>
      chain.send(bob, 'channels.claim', await aClaim(chain, id, signer, cumulative));
    expect(await claim(before, alice, 1n)).toBe(null);
    expect(await claim(before, now, 2n)).toBe(null);
    expect(await claim(before, stranger, 3n)).toBe('VOUCHER_FORGED');
    expect(chain.send(now, 'channels.topUp', { channel: before, amount: CAIRN })).toBe(null);
    const after = openChannel(chain, now, bob);
    expect(await claim(after, now, 1n)).toBe(null);
    expect(await claim(after, alice, 2n)).toBe('VOUCHER_FORGED');
    expect(brokenInvariants(chain)).toEqual([]);
  });

  it('pays vouchers of a key between two changes', async () => {
    const id = openChannel(chain, alice, bob);
    const middle = await rotate(chain, alice, second);
    await rotate(chain, middle, third);
    expect(chain.send(bob, 'channels.claim', await aClaim(chain, id, second, 1n))).toBe(null);
  });

  it('keeps its hotkeys, but an old key binds none', async () => {
    const hotkey = aKey(30);
    const proof = () => agreement(chain.chainId, hotkey, alice.account);
    expect(chain.send(alice, 'staking.associateHotkey', { hotkey: await proof() })).toBe(null);
    const now = await rotate(chain, alice, second);
    expect(chain.send(now, 'staking.stake', { hotkey: hotkey.account, amount: CAIRN })).toBe(null);
    const stolen = await agreement(chain.chainId, alice, bob.account);
    expect(chain.send(bob, 'staking.associateHotkey', { hotkey: stolen })).toBe('HOTKEY_KEY_CHANGED');
    expect(brokenInvariants(chain)).toEqual([]);
  });
});
