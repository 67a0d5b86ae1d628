import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { accountIdOf, type Crypto, encode, utf8ToBytes } from '@cairn/core';
import {
  chainIdOf,
  type Genesis,
  transactionSignBytes,
  transactionToBytes,
  transferShape,
} from '@cairn/ledger';

/** An account whose key is held by a bench or a test. */
export interface BenchSender {
  readonly account: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly key: KeyObject;
  nonce: bigint;
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The same name gives the same key. */
export function createSender(crypto: Crypto, name: string): BenchSender {
  const seed = crypto.sha256(utf8ToBytes(`cairn/bench/${name}`));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url'));
  return { account: accountIdOf(crypto, 'ed25519', publicKey), publicKey, key, nonce: 0n };
}

export interface SignedTransferOptions {
  readonly to: Uint8Array;
  readonly amount: bigint;
  readonly tip?: bigint;
}

/** Signs transfers of one chain; each takes the sender's next nonce. */
export function createTransferSigner(crypto: Crypto, genesis: Genesis) {
  const chainId = chainIdOf(crypto, genesis);
  return (sender: BenchSender, { to, amount, tip = 0n }: SignedTransferOptions): Uint8Array => {
    const body = {
      chainId,
      sender: sender.account,
      nonce: sender.nonce,
      maxFee: 1_000_000n,
      tip,
      validUntil: 0n,
      messageId: 1,
      message: encode(transferShape, { to, amount }),
    };
    sender.nonce += 1n;
    const signature = new Uint8Array(sign(null, transactionSignBytes(body), sender.key));
    return transactionToBytes({
      body,
      authorization: { scheme: 'ed25519', publicKey: sender.publicKey, signature },
    });
  };
}
