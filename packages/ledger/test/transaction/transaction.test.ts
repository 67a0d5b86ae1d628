import { type Authorization, authorizationShape, bytesToHex, encode } from '@cairn/core';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  accounts,
  authorizationBytesOf,
  checkTransaction,
  type ParsedTransaction,
  parseTransaction,
  readParameters,
  requiredFee,
  signBytesOf,
  type Transaction,
  transactionId,
  transactionSignBytes,
  transactionToBytes,
  transferShape,
  verifySignature,
} from '../../src/index.ts';
import { aChain, aKey, CAIRN, type TestChain, testCrypto } from '../support/chain.ts';
import { aPasskey, highTwin } from '../support/passkey.ts';
import { aBody, codesOf, executeBytes, signed, signedBytes } from '../support/signed.ts';

const alice = aKey(1);
const bob = aKey(2);
let chain: TestChain;

beforeEach(() => {
  chain = aChain({ funded: [alice, bob] });
});

function parsed(bytes: Uint8Array): ParsedTransaction {
  const read = parseTransaction(testCrypto, bytes);
  if (!read.ok) throw new Error(read.problem.code);
  return read.parsed;
}

describe('a transaction of an ed25519 account', () => {
  it('runs with its own signature, whoever made the block', async () => {
    expect(codesOf(chain, [await signedBytes(alice, aBody(chain, alice))])).toEqual([null]);
  });

  it('does not run with the signature of another key, or over other bytes', async () => {
    const body = aBody(chain, alice);
    const own = await signed(alice, body);
    const forged: Transaction[] = [
      await signed(bob, body),
      { body, authorization: { ...own.authorization, publicKey: bob.publicKey } },
      { body: { ...body, tip: 1n }, authorization: own.authorization },
      { body, authorization: { ...own.authorization, signature: own.authorization.signature.subarray(1) } },
      { body, authorization: { ...own.authorization, signature: new Uint8Array() } },
      { body, authorization: { ...own.authorization, publicKey: new Uint8Array() } },
      { body, authorization: { ...own.authorization, scheme: 'p256' } },
      { body, authorization: { ...own.authorization, scheme: 'webauthn' } },
    ];
    for (const [index, transaction] of forged.entries()) {
      expect(codesOf(chain, [transactionToBytes(transaction)]), `forgery ${index}`).toEqual([
        'SIGNATURE_INVALID',
      ]);
    }
  });

  it('costs nothing and uses no nonce when it is forged', async () => {
    const { results, changes } = executeBytes(chain, [
      transactionToBytes(await signed(bob, aBody(chain, alice))),
    ]);
    expect(results[0]!.fee).toBe(0n);
    expect(changes.filter(({ key }) => key.startsWith('accounts/'))).toEqual([]);
  });
});

describe('transactions of P-256 accounts', () => {
  it('run with a raw signature or with an assertion of the same key', async () => {
    const key = await aPasskey();
    chain.send(alice, 'accounts.transfer', { to: key.account, amount: CAIRN });
    const { nonce } = accounts.get(chain.view, key.account)!;
    const body = { ...aBody(chain, alice), sender: key.account, nonce };
    const message = transactionSignBytes(body);
    const raw = await key.signRaw(message);
    const assertion = await key.signAssertion(message);
    const cases: [string, Authorization, string | null][] = [
      ['raw', raw, null],
      ['assertion', assertion, null],
      ['the twin with high s', highTwin(raw), 'SIGNATURE_INVALID'],
      ['raw said to be an assertion', { ...raw, scheme: 'webauthn' }, 'SIGNATURE_INVALID'],
      ['an assertion said to be raw', { ...assertion, scheme: 'p256' }, 'SIGNATURE_INVALID'],
      ['raw said to be ed25519', { ...raw, scheme: 'ed25519' }, 'SIGNATURE_INVALID'],
      ['raw of another key', await (await aPasskey()).signRaw(message), 'SIGNATURE_INVALID'],
      [
        'an assertion of another body',
        await key.signAssertion(transactionSignBytes({ ...body, tip: 1n })),
        'SIGNATURE_INVALID',
      ],
      [
        'an assertion made on a foreign page',
        await key.signAssertion(message, 'https://evil.example'),
        'SIGNATURE_INVALID',
      ],
    ];
    for (const [what, authorization, code] of cases) {
      expect(codesOf(chain, [transactionToBytes({ body, authorization })], 9), what).toEqual([code]);
    }
  });

  it('have one id whatever their signature, and run once', async () => {
    const key = await aPasskey();
    chain.send(alice, 'accounts.transfer', { to: key.account, amount: CAIRN });
    const body = {
      ...aBody(chain, alice),
      sender: key.account,
      nonce: accounts.get(chain.view, key.account)!.nonce,
    };
    const twins = await Promise.all(
      [0, 1].map(async () =>
        transactionToBytes({ body, authorization: await key.signRaw(transactionSignBytes(body)) }),
      ),
    );
    expect(bytesToHex(twins[0]!)).not.toBe(bytesToHex(twins[1]!));
    const { results } = executeBytes(chain, twins, { height: 3 });
    expect(results.map(({ problem }) => problem?.code)).toEqual([undefined, 'NONCE_STALE']);
    expect(results[0]!.id).toBe(results[1]!.id);
    expect(results[0]!.id).toBe(bytesToHex(transactionId(testCrypto, transactionSignBytes(body))));
  });
});

describe('what a transaction says of itself', () => {
  it.each<[string, () => Promise<Uint8Array>, string | null]>([
    [
      'another chain',
      () => signedBytes(alice, aBody(chain, alice, { chainId: new Uint8Array(32) })),
      'WRONG_CHAIN',
    ],
    ['a nonce ahead', () => signedBytes(alice, aBody(chain, alice, { nonce: 1n })), 'NONCE_TOO_HIGH'],
    [
      'the highest nonce',
      () => signedBytes(alice, aBody(chain, alice, { nonce: 2n ** 64n - 1n })),
      'NONCE_TOO_HIGH',
    ],
    ['an account that is none', () => signedBytes(aKey(9), aBody(chain, aKey(9))), 'ACCOUNT_UNKNOWN'],
    [
      'a last height before this',
      () => signedBytes(alice, aBody(chain, alice, { validUntil: 4n })),
      'TRANSACTION_EXPIRED',
    ],
    ['this as last height', () => signedBytes(alice, aBody(chain, alice, { validUntil: 5n })), null],
    ['no last height', () => signedBytes(alice, aBody(chain, alice, { validUntil: 0n })), null],
    [
      'a limit below the fee',
      () => signedBytes(alice, aBody(chain, alice, { maxFee: 30_000n })),
      'FEE_TOO_LOW',
    ],
    [
      'a tip above the balance',
      () => signedBytes(alice, aBody(chain, alice, { tip: 100_000n * CAIRN })),
      'BALANCE_TOO_LOW',
    ],
    [
      'the largest tip',
      () => signedBytes(alice, aBody(chain, alice, { tip: 2n ** 64n - 1n })),
      'BALANCE_TOO_LOW',
    ],
    [
      'a message that is none',
      () => signedBytes(alice, aBody(chain, alice, { messageId: 9_999 })),
      'MESSAGE_UNKNOWN',
    ],
    [
      'half a message',
      () => signedBytes(alice, aBody(chain, alice, { message: new Uint8Array(20) })),
      'TRANSACTION_MALFORMED',
    ],
    [
      'a byte after the message',
      () => signedBytes(alice, aBody(chain, alice, { message: new Uint8Array(41) })),
      'TRANSACTION_MALFORMED',
    ],
  ])('%s', async (_, make, code) => {
    expect(codesOf(chain, [await make()], 5)).toEqual([code]);
  });

  it('a used nonce', async () => {
    const bytes = await signedBytes(alice, aBody(chain, alice));
    expect(codesOf(chain, [bytes, bytes])).toEqual([null, 'NONCE_STALE']);
    chain.send(alice, 'accounts.transfer', { to: bob.account, amount: 1n });
    expect(codesOf(chain, [bytes])).toEqual(['NONCE_STALE']);
  });

  it('pays exactly for its bytes and its work, whatever its limit', async () => {
    const bytes = await signedBytes(alice, aBody(chain, alice));
    const { work, sizeBytes } = parsed(bytes);
    const { results } = executeBytes(chain, [bytes]);
    expect(results[0]!.fee).toBe(10_000n + 100n * BigInt(bytes.length) + 100n * BigInt(work));
    const exact = requiredFee(readParameters(chain.view), sizeBytes, work);
    expect(codesOf(chain, [await signedBytes(alice, aBody(chain, alice, { maxFee: exact }))])).toEqual([
      null,
    ]);
    expect(codesOf(chain, [await signedBytes(alice, aBody(chain, alice, { maxFee: exact - 1n }))])).toEqual([
      'FEE_TOO_LOW',
    ]);
  });

  it('is refused above the size and the work that the network allows', async () => {
    const small = aChain({
      funded: [alice],
      parameters: { maxTransactionBytes: 1_024n, maxBlockWork: 1_000n },
    });
    const rows = {
      uids: Array.from({ length: 300 }, (_, uid) => uid),
      values: new Array<number>(300).fill(1),
    };
    const weights = {
      from: alice,
      name: 'yuma.setWeights',
      message: {
        netuid: 1,
        ...rows,
        version: 0,
        evidenceRoot: new Uint8Array(32),
        salt: new Uint8Array(32),
        nextSaltCommitment: new Uint8Array(32),
      },
    };
    expect(small.block([weights]).results[0]!.problem?.code).toBe('TRANSACTION_TOO_LARGE');
    const parameters = readParameters(small.view);
    const { work, ...rest } = parsed(await signedBytes(alice, aBody(small, alice)));
    const options = { chainId: small.chainId, parameters, height: 1 };
    expect(work).toBe(2);
    expect(checkTransaction(small.view, { ...rest, work: 1_001 }, options)?.code).toBe(
      'TRANSACTION_TOO_HEAVY',
    );
    expect(checkTransaction(small.view, { ...rest, work: 1_000 }, options)?.code).toBe(undefined);
  });

  it('may run ahead in a mempool by its window, and no further', async () => {
    const options = {
      chainId: chain.chainId,
      parameters: readParameters(chain.view),
      height: 1,
      nonceWindow: 4,
    };
    const codeAt = async (nonce: bigint) =>
      checkTransaction(chain.view, parsed(await signedBytes(alice, aBody(chain, alice, { nonce }))), options)
        ?.code;
    expect(await codeAt(4n)).toBe(undefined);
    expect(await codeAt(5n)).toBe('NONCE_TOO_HIGH');
  });

  it('binds the id to every field but the signature', () => {
    const body = aBody(chain, alice);
    const changed = [
      body,
      { ...body, chainId: new Uint8Array(32) },
      { ...body, sender: bob.account },
      { ...body, nonce: 1n },
      { ...body, maxFee: 1n },
      { ...body, tip: 1n },
      { ...body, validUntil: 1n },
      { ...body, messageId: 2 },
      { ...body, message: encode(transferShape, { to: bob.account, amount: 2n }) },
    ];
    const ids = new Set(
      changed.map((other) => bytesToHex(transactionId(testCrypto, transactionSignBytes(other)))),
    );
    const signBytes = new Set(changed.map((other) => bytesToHex(transactionSignBytes(other))));
    expect([ids.size, signBytes.size]).toEqual([changed.length, changed.length]);
  });

  it('is not verified by its account alone', async () => {
    const transaction = await signed(alice, aBody(chain, alice));
    expect(verifySignature(testCrypto, transactionToBytes(transaction), transaction)).toBe(null);
    const authorization = { ...transaction.authorization, signature: new Uint8Array(64) };
    const forged = { ...transaction, authorization };
    expect(verifySignature(testCrypto, transactionToBytes(forged), forged)?.code).toBe('SIGNATURE_INVALID');
  });

  it('is cut out of its bytes exactly as it is signed', async () => {
    const transaction = await signed(alice, aBody(chain, alice));
    const bytes = transactionToBytes(transaction);
    expect(signBytesOf(bytes)).toEqual(transactionSignBytes(transaction.body));
    expect(authorizationBytesOf(bytes)).toEqual(encode(authorizationShape, transaction.authorization));
    const read = parseTransaction(testCrypto, bytes);
    const id = bytesToHex(transactionId(testCrypto, transactionSignBytes(transaction.body)));
    expect(read.ok && read.parsed.id).toBe(id);
  });
});
