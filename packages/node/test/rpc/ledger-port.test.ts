import { accountIdToAddress, authorize, hexToBytes } from '@cairn/core';
import { keyConsentBytes } from '@cairn/ledger';
import type { EventView, LedgerReader, LedgerWriter } from '@cairn/protocol';
import { connectRpcLedger, createAccountClient, createChannelLedger } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { createJsonRpc } from '../../src/rpc/json-rpc.ts';
import { chainMethods, ledgerQueryMethods } from '../../src/rpc/ledger-methods.ts';
import { aChain, accountOf, aLog, aSigner, crypto } from './parts.ts';

const alice = aSigner('alice');
const bob = accountOf(aSigner('bob'));

async function take(events: AsyncIterable<EventView>, count: number): Promise<EventView[]> {
  const taken: EventView[] = [];
  for await (const event of events) if (taken.push(event) === count) break;
  return taken;
}

async function aTown() {
  const chain = await aChain([alice, aSigner('bob')]);
  const methods = [...chainMethods(chain.ledger), ...ledgerQueryMethods(chain.ledger)];
  const rpc = createJsonRpc({ methods: new Map(methods.map((each) => [each.name, each])), log: aLog() });
  const remote = await connectRpcLedger(
    async (body) => JSON.stringify(await rpc.answer(body)),
    () => new Promise((resolve) => setImmediate(resolve)),
  );
  async function during<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (!isDone) await chain.blocks(1);
    }
    return done;
  }
  return { chain, remote, during };
}

describe('a ledger behind JSON-RPC', () => {
  it('gives the same as the ledger in the process', async () => {
    const { chain, remote, during } = await aTown();
    const local = chain.ledger;
    const client = createAccountClient({ crypto, signer: alice, ledger: remote });
    const sent = await during(client.send('accounts.transfer', { to: bob, amount: 5n }));
    await chain.blocks(2);
    const { blockHash } = await local.status();
    const questions: ((ledger: LedgerReader & LedgerWriter) => Promise<unknown>)[] = [
      (ledger) => ledger.status(),
      (ledger) => ledger.block(),
      (ledger) => ledger.block(1),
      (ledger) => ledger.block(blockHash),
      (ledger) => ledger.block(99),
      (ledger) => ledger.transaction(sent.id),
      (ledger) => ledger.transaction('0'.repeat(64)),
      (ledger) => ledger.proof('no such key'),
      (ledger) => ledger.proof('no such key', 1),
      (ledger) => ledger.query('accounts_get', { address: accountIdToAddress(bob) }),
      (ledger) => ledger.submit(new Uint8Array([1])),
      (ledger) => ledger.submitAndWait(new Uint8Array([1])),
      (ledger) => take(ledger.events({ from: 1 }), 4),
      (ledger) => take(ledger.events({ from: 1, names: ['accounts.*'] }), 1),
      (ledger) => take(ledger.events({ from: 2, names: ['chain.committed'] }), 2),
    ];
    for (const ask of questions) expect(await ask(remote), String(ask)).toEqual(await ask(local));
  });
});

describe('an account client', () => {
  it('keeps its nonces in order when fifty are sent at once', async () => {
    const { remote, during } = await aTown();
    const client = createAccountClient({ crypto, signer: alice, ledger: remote });
    const sends = Array.from({ length: 50 }, () => client.send('accounts.transfer', { to: bob, amount: 1n }));
    const done = await during(Promise.all(sends));
    expect(new Set(done.map(({ id }) => id)).size).toBe(50);
    const found = await remote.query<{ nonce: string }>('accounts_get', { address: client.address });
    expect(found.nonce).toBe('50');
  });

  it('of an account whose key was changed sends with the new key and sees whose key pays', async () => {
    const { chain, remote, during } = await aTown();
    const next = aSigner('the next key');
    const before = createAccountClient({ crypto, signer: alice, ledger: remote });
    const other = createAccountClient({ crypto, signer: aSigner('bob'), ledger: remote });
    const { account } = before;
    const channel = await during(createChannelLedger(before, remote).open(bob, 1, 1_000_000n));
    await during(before.send('accounts.announceKeyChange', { newKey: accountOf(next) }));
    await chain.blocks(3);
    const consent = await authorize(next, keyConsentBytes(hexToBytes(remote.chainId), account));
    await during(other.send('accounts.changeKey', { account, consent }));
    await expect(during(before.send('accounts.transfer', { to: bob, amount: 1n }))).rejects.toMatchObject({
      problem: { reason: 'KEY_CHANGED' },
    });
    const now = createAccountClient({ crypto, signer: next, ledger: remote, account });
    expect(now.address).toBe(before.address);
    expect((await during(now.send('accounts.transfer', { to: bob, amount: 1n }))).ok).toBe(true);
    const found = await createChannelLedger(now, remote).find(channel);
    expect(found).toMatchObject({ payer: account, payerKey: accountOf(next) });
  });

  it('goes on after one that was refused', async () => {
    const { remote, during } = await aTown();
    const client = createAccountClient({ crypto, signer: alice, ledger: remote });
    const refused = client.send('accounts.transfer', { to: bob, amount: 10n ** 18n });
    await expect(during(refused)).rejects.toMatchObject({ code: 'TRANSACTION_REFUSED' });
    expect((await during(client.send('accounts.transfer', { to: bob, amount: 1n }))).ok).toBe(true);
  });

  it('does not send a second one in the place of one that still waits after its time', async () => {
    const { chain, during } = await aTown();
    const client = createAccountClient({ crypto, signer: alice, ledger: chain.ledger });
    const late = client.send('accounts.transfer', { to: bob, amount: 1n }, { timeoutMs: 10 });
    late.catch(() => undefined);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    await chain.time.advance(10);
    await expect(late).rejects.toMatchObject({ problem: { reason: 'NOT_INCLUDED_IN_TIME' } });
    expect((await during(client.send('accounts.transfer', { to: bob, amount: 2n }))).ok).toBe(true);
    const found = await chain.ledger.query<{ nonce: string }>('accounts_get', { address: client.address });
    expect(found.nonce).toBe('2');
  });
});
