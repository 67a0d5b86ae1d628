import { createNativeCrypto } from '@cairn/chain';
import { createEd25519Signer, hexToBytes } from '@cairn/core';
import { connectRpcLedger, createAccountClient, createRunLedger, type RpcLedger } from '@cairn/sdk';
import { eventually, type RunningNetwork } from './running-network.ts';

/** The ledger of a network, over HTTP. */
export const ledgerOf = ({ url }: RunningNetwork): Promise<RpcLedger> =>
  connectRpcLedger(
    async (body) => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}/rpc`, { method: 'POST', headers, body })).text();
    },
    (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  );

/**
 * Doubts the only update of a settled round, so that validators make it again.
 *
 * @returns how the case ends: honest, guilty, unavailable or dropped
 */
export async function doubtUpdate(ledger: RpcLedger, run: string, round: number): Promise<string> {
  const crypto = createNativeCrypto();
  const signer = createEd25519Signer(crypto.sha256(hexToBytes(run)));
  const challenger = createAccountClient({ crypto, signer, ledger });
  await ledger.call('local_fund', { address: challenger.address });
  const runs = createRunLedger({ crypto, ledger, client: challenger });
  const evidence = new Uint8Array(32);
  await runs.challenge({ run: hexToBytes(run), round, place: 0, step: 1, evidence });
  let from = 1;
  return eventually(async () => {
    const page = await ledger.query<{ events: { data: { end: string } }[]; next: number }>('chain_events', {
      names: ['training.caseClosed'],
      from,
    });
    from = page.next;
    return page.events[0]?.data.end ?? null;
  });
}
