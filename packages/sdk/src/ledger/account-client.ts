import {
  type AccountId,
  type Address,
  accountIdOf,
  accountIdToAddress,
  type Crypto,
  hexToBytes,
  type Signer,
} from '@cairn/core';
import type { Parameters } from '@cairn/ledger';
import type { InclusionResult, LedgerReader, LedgerWriter, TransactionView } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import { fetchParameters } from './parameters.ts';
import { type SignedTransaction, signTransaction } from './transaction-builder.ts';

export interface SendOptions {
  readonly tip?: bigint;
  /** Longest wait for the block, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number;
}

/** Sends transactions of one account and keeps their nonces in order. */
export interface AccountClient {
  readonly account: AccountId;
  readonly address: Address;
  readonly signer: Signer;
  /**
   * Signs, submits and waits until the transaction is in a block on disk.
   *
   * @throws SdkError `TRANSACTION_REFUSED` with the ledger's code and message
   */
  send(message: string, value: unknown, options?: SendOptions): Promise<TransactionView>;
  /** Signs without submitting: what it would cost. */
  prepare(message: string, value: unknown, options?: SendOptions): Promise<SignedTransaction>;
  /** Pebbles that can be spent; 0 when the account does not exist. */
  spendable(): Promise<bigint>;
}

export interface AccountClientParts {
  readonly crypto: Crypto;
  readonly signer: Signer;
  readonly ledger: LedgerReader & LedgerWriter;
  /** For an account whose key was changed: `signer` is the key that speaks for it now. @default the signer's */
  readonly account?: AccountId;
}

export function createAccountClient({
  crypto,
  signer,
  ledger,
  account = accountIdOf(crypto, signer.scheme, signer.publicKey),
}: AccountClientParts): AccountClient {
  const address = accountIdToAddress(account);
  const chainId = hexToBytes(ledger.chainId);
  let parameters: Promise<Parameters> | null = null;
  let nextNonce: bigint | null = null;
  let isLate = false;
  // Submissions of one account go one after another so that nonces are in order; waiting overlaps.
  let turn: Promise<unknown> = Promise.resolve();

  async function sign(message: string, value: unknown, nonce: bigint, options: SendOptions) {
    parameters ??= fetchParameters(ledger);
    const request = { chainId, sender: account, nonce, message, value, tip: options.tip ?? 0n };
    return signTransaction(crypto, signer, await parameters, request);
  }

  /** @throws SdkError `RPC_MALFORMED` */
  async function fetchCount(field: 'nonce' | 'spendable'): Promise<bigint> {
    const found = await ledger.query<Readonly<Record<string, unknown>> | null>('accounts_get', { address });
    const value = found === null ? '0' : found[field];
    if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return BigInt(value);
    const reason = `The node answered accounts_get with something else: ${field} is no decimal text.`;
    throw new SdkError({ code: 'RPC_MALFORMED' }, reason);
  }

  async function fetchNonce(): Promise<bigint> {
    return fetchCount('nonce');
  }

  async function submitInTurn(
    message: string,
    value: unknown,
    options: SendOptions,
  ): Promise<{ result: Promise<InclusionResult> }> {
    const isRemembered = nextNonce !== null;
    const arePricesRemembered = parameters !== null;
    nextNonce ??= await fetchNonce();
    const { bytes } = await sign(message, value, nextNonce, options);
    const accepted = await ledger.submit(bytes);
    if (!accepted.ok) {
      nextNonce = null;
      // Somebody else sent with this key since: the ledger knows the nonce, and nothing was sent yet.
      if (isRemembered && accepted.problem.code === 'NONCE_STALE')
        return submitInTurn(message, value, options);
      // Prices were voted up since they were read.
      if (arePricesRemembered && accepted.problem.code === 'FEE_TOO_LOW') {
        parameters = null;
        return submitInTurn(message, value, options);
      }
      throw refused(message, accepted.problem);
    }
    nextNonce += 1n;
    return { result: ledger.submitAndWait(bytes, options.timeoutMs ?? 30_000) };
  }

  /**
   * One that is late still waits under its nonce, and another must not take its place. When the next is late too,
   * the first may have been dropped unseen: the ledger is asked again.
   */
  function noteOutcome({ transaction, problem }: InclusionResult): void {
    if (transaction !== null) {
      isLate = false;
      return;
    }
    const isLateAgain = isLate;
    isLate = problem?.code === 'NOT_INCLUDED_IN_TIME';
    if (!isLate || isLateAgain) nextNonce = null;
  }

  return {
    account,
    address,
    signer,
    async send(message, value, options = {}) {
      const mine = turn.then(() => submitInTurn(message, value, options));
      turn = mine.catch(() => undefined);
      const inclusion = await (await mine).result;
      noteOutcome(inclusion);
      if (!inclusion.ok || inclusion.transaction === null) throw refused(message, inclusion.problem);
      return inclusion.transaction;
    },
    prepare: async (message, value, options = {}) =>
      sign(message, value, nextNonce ?? (await fetchNonce()), options),
    spendable: () => fetchCount('spendable'),
  };
}

function refused(message: string, problem: InclusionResult['problem']): SdkError {
  const { code, message: reason } = problem ?? { code: 'UNKNOWN', message: 'The ledger gave no reason.' };
  return new SdkError({ code: 'TRANSACTION_REFUSED', message, reason: code }, reason);
}
