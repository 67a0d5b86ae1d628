import { authorize, createEd25519Signer, encode } from '@cairn/core';
import {
  accounts,
  type BlockInput,
  createLedger,
  type Transaction,
  type TransactionBody,
  transactionSignBytes,
  transactionToBytes,
  transferShape,
} from '../../src/index.ts';
import { type TestChain, type TestKey, testCrypto } from './chain.ts';

/** Checks every signature, as a validator does that saw nothing before. */
export const strictLedger = createLedger({ crypto: testCrypto });

/** A transfer of one pebble in the next transaction of a key, with what a test changes. */
export function aBody(
  chain: TestChain,
  from: TestKey,
  change: Partial<TransactionBody> & { to?: Uint8Array; amount?: bigint } = {},
): TransactionBody {
  const { to = from.account, amount = 1n, ...rest } = change;
  return {
    chainId: chain.chainId,
    sender: from.account,
    nonce: accounts.get(chain.view, from.account)?.nonce ?? 0n,
    maxFee: 1_000_000_000n,
    tip: 0n,
    validUntil: 0n,
    messageId: 1,
    message: encode(transferShape, { to, amount }),
    ...rest,
  };
}

/** A body signed by a key. */
export async function signed(from: TestKey, body: TransactionBody): Promise<Transaction> {
  const authorization = await authorize(createEd25519Signer(from.seed), transactionSignBytes(body));
  return { body, authorization };
}

export async function signedBytes(from: TestKey, body: TransactionBody): Promise<Uint8Array> {
  return transactionToBytes(await signed(from, body));
}

/** One block of ready bytes with all signatures checked, not kept. */
export function executeBytes(
  chain: TestChain,
  txs: readonly Uint8Array[],
  {
    height = 1,
    proposer = new Uint8Array(32).fill(9),
  }: Partial<Pick<BlockInput, 'height' | 'proposer'>> = {},
) {
  return strictLedger.apply(chain.view, {
    height,
    timeMs: 1_700_000_000_000 + height * 1_000,
    hash: testCrypto.sha256(Uint8Array.of(height)),
    proposer,
    votes: [],
    misbehavior: [],
    txs,
  });
}

/** The problem codes of a block of ready bytes. */
export const codesOf = (chain: TestChain, txs: readonly Uint8Array[], height = 1): (string | null)[] =>
  executeBytes(chain, txs, { height }).results.map(({ problem }) => problem?.code ?? null);
