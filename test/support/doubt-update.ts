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
 * Doubts the only update of a settled round, unless it was drawn, so that validators make it again.
 *
 * @returns how the case ends: honest, guilty, unavailable or dropped
 */
export async function doubtUpdate(ledger: RpcLedger, run: string, round: number): Promise<string> {
  const crypto = createNativeCrypto();
  const signer = createEd25519Signer(crypto.sha256(hexToBytes(run)));
  const challenger = createAccountClient({ crypto, signer, ledger });
  const runs = createRunLedger({ crypto, ledger, client: challenger });
  const id = hexToBytes(run);
  const names = ['training.caseOpened', 'training.caseClosed'];
  let from = 1;
  /** Null: nothing more is known of it. */
  async function newest(): Promise<CaseEvent | null> {
    for (;;) {
      const { events, next } = await ledger.query<EventPage>('chain_events', { names, from });
      const isOver = next === from;
      from = next;
      const found = events.findLast(({ data }) => data.run === run && data.round === round);
      if (found !== undefined || isOver) return found ?? null;
    }
  }
  let last = await newest();
  if (last === null) {
    await ledger.call('local_fund', { address: challenger.address });
    await runs.challenge({ run: id, round, place: 0, step: 1, evidence: new Uint8Array(32) });
  }
  return eventually(async () => {
    last = (await newest()) ?? last;
    return last?.data.end ?? null;
  });
}

interface CaseEvent {
  /** `end` of a case that is closed. */
  readonly data: { readonly run: string; readonly round: number; readonly end?: string };
}

interface EventPage {
  readonly events: readonly CaseEvent[];
  readonly next: number;
}
