import { type AccountId, accountIdToAddress, bytesToHex, type Crypto, hexToBytes } from '@cairn/core';
import { type OpenOrder, type SealedOrder, type SealOrder, sealedOrderCommitment } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { SdkError } from '../errors.ts';

export interface SealedOrderRequest {
  /** Hex, as a ledger reader has it. */
  readonly chainId: string;
  readonly account: AccountId;
  readonly order: SealedOrder;
  /** 32 random bytes, which nobody must know before the order is opened. */
  readonly salt: Uint8Array;
}

/** The values of the two messages of a sealed order. */
export interface SealedOrderMessages {
  /** Of `pools.sealOrder`. */
  readonly seal: SealOrder;
  /** Of `pools.openOrder`. Whoever does not send it in its time loses the bond. */
  readonly open: OpenOrder;
}

export function sealOrder(
  crypto: Crypto,
  { chainId, account, order, salt }: SealedOrderRequest,
): SealedOrderMessages {
  const secret = { chainId: hexToBytes(chainId), sender: account, order, salt };
  const commitment = sealedOrderCommitment(crypto, secret);
  return { seal: { commitment }, open: { commitment, salt, order } };
}

/**
 * Waits until a sealed order of this account can be opened: until those that were sealed before it are open or
 * expired. Returns as well when there is none (any more): the ledger says why when it is opened.
 *
 * @throws SdkError `RPC_MALFORMED`
 */
export async function untilOpenable(
  ledger: LedgerReader,
  account: AccountId,
  commitment: Uint8Array,
): Promise<void> {
  const address = accountIdToAddress(account);
  const id = bytesToHex(commitment);
  const isWaiting = async () => {
    const listed = await ledger.query<unknown>('pools_sealedOrders', { account: address });
    if (!Array.isArray(listed))
      throw new SdkError(
        { code: 'RPC_MALFORMED' },
        'The node answered pools_sealedOrders with something else.',
      );
    const found = listed.find((one: { commitment?: unknown } | null) => one?.commitment === id);
    return found !== undefined && (found as { blocksLeft?: unknown }).blocksLeft === null;
  };
  if (!(await isWaiting())) return;
  const { height } = await ledger.status();
  for await (const _ of ledger.events({ names: ['chain.committed'], from: height }))
    if (!(await isWaiting())) return;
}
