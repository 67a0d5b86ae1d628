import { authorize, createEd25519Signer } from '@cairn/core';
import { accounts, channelIdOf, type Voucher, voucherSignBytes } from '../../src/index.ts';
import { CAIRN, type TestChain, type TestKey, testCrypto } from './chain.ts';

/** Opens a channel and returns its id. */
export function openChannel(
  chain: TestChain,
  payer: TestKey,
  payee: TestKey,
  deposit: bigint = 10n * CAIRN,
): Uint8Array {
  const nonce = accounts.get(chain.view, payer.account)!.nonce;
  const code = chain.send(payer, 'channels.open', { payee: payee.account, netuid: 1, deposit });
  if (code !== null) throw new Error(`channels.open: ${code}`);
  return channelIdOf(testCrypto, chain.chainId, payer.account, nonce);
}

/** Artifact number n. */
export const artifact = (n: number): Uint8Array => new Uint8Array(32).fill(n);

export interface ClaimOptions {
  readonly totals?: Voucher['totals'];
  readonly close?: boolean;
  readonly chainId?: Uint8Array;
  /** Changes the voucher after it was signed. */
  readonly tamper?: (voucher: Voucher) => Voucher;
}

/** The message of a claim: a voucher of `signer` for `cumulative`, all of it for artifact 1. */
export async function aClaim(
  chain: TestChain,
  channel: Uint8Array,
  signer: TestKey,
  cumulative: bigint,
  { totals, close = false, chainId = chain.chainId, tamper = (voucher) => voucher }: ClaimOptions = {},
) {
  const voucher: Voucher = {
    channel,
    cumulative,
    totals: totals ?? [{ artifact: artifact(1), amount: cumulative }],
    lastReceipt: new Uint8Array(32),
  };
  const authorization = await authorize(createEd25519Signer(signer.seed), voucherSignBytes(chainId, voucher));
  return { voucher: tamper(voucher), authorization, close };
}
