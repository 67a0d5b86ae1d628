import { accountIdOf, type Crypto, encode, type Shape, utf8ToBytes } from '@cairn/core';
import { MODULES, type TransactionBody, transactionToBytes } from '@cairn/ledger';
import { ProvingError } from '../errors.ts';

/** An account whose signatures are taken as good: it costs no time to make and none to check. */
export interface Actor {
  readonly account: Uint8Array;
  readonly publicKey: Uint8Array;
  nonce: bigint;
}

/** The same name gives the same account. */
export function createActor(crypto: Crypto, name: string): Actor {
  const publicKey = crypto.sha256(utf8ToBytes(`cairn/actor/${name}`));
  return { account: accountIdOf(crypto, 'ed25519', publicKey), publicKey, nonce: 0n };
}

const NO_SIGNATURE = new Uint8Array(64);

/** An authorization that only parts which skip signatures accept. */
function unsignedBy({ publicKey }: Pick<Actor, 'publicKey'>) {
  return { scheme: 'ed25519', publicKey, signature: NO_SIGNATURE } as const;
}

const MESSAGES = new Map(
  MODULES.flatMap(({ messages }) =>
    messages.map(({ name, id, shape }) => [name, { id, shape: shape as Shape<unknown> }] as const),
  ),
);

/** A message of the ledger by its name. */
export interface ActorCall {
  readonly from: Actor;
  readonly name: string;
  readonly message: unknown;
  /** @default 100,000,000 pebbles */
  readonly maxFee?: bigint;
}

/**
 * A transaction without a signature; it takes the sender's next nonce.
 *
 * @throws ProvingError `MESSAGE_UNKNOWN`
 */
export function wrapUnsigned(chainId: Uint8Array, call: ActorCall): Uint8Array {
  const { from, name, message, maxFee = 100_000_000n } = call;
  const found = MESSAGES.get(name);
  if (found === undefined)
    throw new ProvingError({ code: 'MESSAGE_UNKNOWN', name }, `The ledger has no message ${name}.`);
  const body: TransactionBody = {
    chainId,
    sender: from.account,
    nonce: from.nonce,
    maxFee,
    tip: 0n,
    validUntil: 0n,
    messageId: found.id,
    message: encode(found.shape, message),
  };
  from.nonce += 1n;
  return transactionToBytes({ body, authorization: unsignedBy(from) });
}
