import { connectRpcLedger, type RpcLedger } from '@cairn/sdk';
import type { Door } from '../peers/door.ts';
import { createPeerRpc } from '../peers/rpc-protocol.ts';
import { systemTimer } from '../real/timer.ts';
import { nodeOf } from './addresses.ts';

/** Only the nodes that were named are believed about the ledger: anybody may become a peer. */
export function connectLedger({ transport }: Door, addresses: readonly string[]): Promise<RpcLedger> {
  return connectRpcLedger(createPeerRpc({ transport, timer: systemTimer }, addresses.map(nodeOf)), wait);
}

const wait = (
  ms: number,
  signal?: { readonly aborted: boolean; addEventListener: AbortSignal['addEventListener'] },
) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
