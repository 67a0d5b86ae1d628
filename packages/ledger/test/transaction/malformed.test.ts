import { encode } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainIdOf, genesisShape, MODULES, parseTransaction, transactionToBytes } from '../../src/index.ts';
import { aChain, aKey, testCrypto } from '../support/chain.ts';
import { aBody, codesOf, signedBytes } from '../support/signed.ts';

const MESSAGES = MODULES.flatMap((module) => module.messages);
const proof = { scheme: 'ed25519', publicKey: new Uint8Array(32), signature: new Uint8Array(64) } as const;

function codeOf(bytes: Uint8Array): string | null {
  const read = parseTransaction(testCrypto, bytes);
  return read.ok ? null : read.problem.code;
}

describe('bytes of strangers', () => {
  it('that are nothing are refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(codeOf(bytes)).toBe('TRANSACTION_MALFORMED');
      }),
    );
  });

  it('that differ in one place from a transaction are another one, or refused', async () => {
    const chain = aChain({ funded: [aKey(1)] });
    const good = await signedBytes(aKey(1), aBody(chain, aKey(1)));
    expect(codesOf(chain, [good])).toEqual([null]);
    const known = new Set(['TRANSACTION_MALFORMED', 'MESSAGE_UNKNOWN', 'SIGNATURE_INVALID', 'WRONG_CHAIN']);
    const alsoFound = [
      'ACCOUNT_UNKNOWN',
      'NONCE_TOO_HIGH',
      'FEE_TOO_LOW',
      'BALANCE_TOO_LOW',
      'TRANSACTION_EXPIRED',
    ];
    for (const code of alsoFound) known.add(code);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(good);
        bytes[at]! ^= change;
        const [code] = codesOf(chain, [bytes]);
        expect(known.has(code ?? 'ran'), `${code} at ${at}`).toBe(true);
      }),
      { numRuns: 300 },
    );
    for (let cut = 0; cut < good.length; cut += 1) {
      const [code] = codesOf(chain, [good.subarray(0, cut)]);
      expect(['TRANSACTION_MALFORMED', 'SIGNATURE_INVALID'], `cut at ${cut}`).toContain(code);
    }
    expect(codesOf(chain, [Uint8Array.of(...good, 0)])).toEqual(['SIGNATURE_INVALID']);
  });

  it('that claim to be a message are never executed unless they are', () => {
    const owner = aKey(1);
    const chain = aChain({ funded: [owner] });
    fc.assert(
      fc.property(
        fc.constantFrom(...MESSAGES),
        fc.uint8Array({ maxLength: 400 }),
        ({ id, shape }, message) => {
          const bytes = transactionToBytes({
            body: aBody(chain, owner, { messageId: id, message }),
            authorization: proof,
          });
          const read = parseTransaction(testCrypto, bytes);
          if (read.ok) expect(encode(shape, read.parsed.message)).toEqual(message);
          else expect(read.problem.code).toBe('TRANSACTION_MALFORMED');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('give each message a number and a name of its own, and a work of at least one', () => {
    expect(new Set(MESSAGES.map(({ id }) => id)).size).toBe(MESSAGES.length);
    expect(new Set(MESSAGES.map(({ name }) => name)).size).toBe(MESSAGES.length);
    for (const { name } of MESSAGES) expect(name).toMatch(/^[a-z]+\.[a-zA-Z]+$/);
  });
});

describe('JSON of strangers', () => {
  const hostile: unknown[] = [
    null,
    undefined,
    0,
    -1,
    Number.NaN,
    '',
    'x',
    true,
    [],
    [[]],
    {},
    JSON.parse('{"__proto__":{"to":"x"}}'),
    { constructor: 1 },
    { toString: null },
    { length: 1e9 },
  ];

  it('is refused by every message and every query with an error that says why, never with a crash', () => {
    const shapes = [
      ...MESSAGES.map(({ name, shape }) => ({ name, shape })),
      ...MODULES.flatMap((module) => module.queries.map(({ name, params }) => ({ name, shape: params }))),
      { name: 'genesis', shape: genesisShape },
    ];
    for (const { name, shape } of shapes) {
      for (const json of hostile) {
        try {
          shape.fromJson(json);
        } catch (error) {
          expect(
            (error as { problem?: { code?: string } }).problem?.code,
            `${name} ${String(error)}`,
          ).toMatch(/^[A-Z_]+$/);
        }
      }
    }
  });

  it('of any shape at all comes back as it went in, or is refused', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MESSAGES), fc.jsonValue(), ({ shape }, json) => {
        let value: unknown;
        try {
          value = shape.fromJson(json);
        } catch (error) {
          expect((error as { problem?: { code?: string } }).problem?.code).toMatch(/^[A-Z_]+$/);
          return;
        }
        expect(shape.fromJson(shape.toJson(value))).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it('of a genesis makes the same chain as its bytes', () => {
    const genesis = genesisShape.fromJson({
      name: 'x',
      kind: 'local',
      timeMs: '1',
      salt: '00'.repeat(32),
      parameters: [],
      validators: [],
      beacon: null,
      funds: [],
    });
    const again = genesisShape.fromJson(JSON.parse(JSON.stringify(genesisShape.toJson(genesis))));
    expect(chainIdOf(testCrypto, again)).toEqual(chainIdOf(testCrypto, genesis));
  });
});
