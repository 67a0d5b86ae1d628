import { createPureCrypto, encode } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  createLedger,
  declaredWork,
  MODULES,
  supplyCell,
  transactionToBytes,
} from '../../src/index.ts';
import { aChain, aKey, CAIRN, type Call, type TestChain } from '../support/chain.ts';
import { aClaim, artifact, openChannel } from '../support/channels.ts';
import {
  aMarket,
  commitCall,
  commitmentOf,
  expectDone,
  revealCall,
  secretOf,
  untilEpoch,
} from '../support/market.ts';
import { aCard, anArtifact, idOf, offerOf, someTerms } from '../support/registry.ts';
import { aBody } from '../support/signed.ts';

const [alice, bob, carol] = [aKey(1), aKey(2), aKey(3)];
const ledger = createLedger({ crypto: createPureCrypto(), verified: { has: () => true } });

/** Different records that a block reads or writes. */
function recordsOf(chain: TestChain, txs: readonly Uint8Array[]): { keys: Set<string>; code: string | null } {
  const keys = new Set<string>();
  const view = {
    get(key: string) {
      keys.add(key);
      return chain.view.get(key);
    },
  };
  const block = {
    height: 100,
    timeMs: 0,
    hash: new Uint8Array(32),
    proposer: bob.account,
    votes: [],
    misbehavior: [],
    txs,
  };
  const { changes, results } = ledger.apply(view, block);
  for (const { key } of changes) keys.add(key);
  return { keys, code: results[0]?.problem?.code ?? null };
}

function measure(chain: TestChain, { from, name, message }: Call) {
  const definition = MODULES.flatMap((module) => module.messages).find((known) => known.name === name)!;
  const body = aBody(chain, from, { messageId: definition.id, message: encode(definition.shape, message) });
  body.nonce = accounts.get(chain.view, from.account)!.nonce;
  const signature = { scheme: 'ed25519', publicKey: from.publicKey, signature: new Uint8Array(64) } as const;
  const idle = recordsOf(chain, []).keys;
  const { keys, code } = recordsOf(chain, [transactionToBytes({ body, authorization: signature })]);
  return {
    touched: [...keys].filter((key) => !idle.has(key) && key !== supplyCell.key),
    code,
    work: declaredWork(definition, message),
  };
}

describe('the declared work of a message', () => {
  it('is at least the records it reads and writes, besides the supply that every fee changes', async () => {
    const chain = aChain({ funded: [alice, bob], parameters: { channelDisputeBlocks: 2n } });
    const id = openChannel(chain, alice, bob);
    const closing = openChannel(chain, alice, bob);
    chain.send(alice, 'channels.startClose', { channel: closing });
    chain.advance(3);
    const parents = Array.from({ length: 8 }, (_, n) =>
      aCard(alice, { name: `people/parent-${n}`, artifacts: [anArtifact(n)] }),
    );
    for (const card of parents) chain.send(alice, 'registry.publishModel', { card });
    const versions = ['1', '2', '3'].map((version) => aCard(alice, { version }));
    for (const card of versions) chain.send(alice, 'registry.publishModel', { card });
    const terms = someTerms(versions[0]!);
    chain.send(bob, 'registry.publishOffer', { terms });
    const totals = Array.from({ length: 32 }, (_, n) => ({ artifact: artifact(n), amount: 1n }));
    const child = aCard(alice, { version: '4', parents: parents.map(idOf) });
    const calls: Call[] = [
      { from: alice, name: 'accounts.transfer', message: { to: carol.account, amount: CAIRN } },
      { from: alice, name: 'channels.open', message: { payee: bob.account, netuid: 1, deposit: CAIRN } },
      { from: alice, name: 'channels.topUp', message: { channel: id, amount: CAIRN } },
      { from: bob, name: 'channels.claim', message: await aClaim(chain, id, alice, 32n, { totals }) },
      { from: bob, name: 'channels.claim', message: await aClaim(chain, id, alice, 1n, { close: true }) },
      { from: bob, name: 'channels.startClose', message: { channel: id } },
      { from: bob, name: 'channels.finalise', message: { channel: closing } },
      { from: alice, name: 'registry.publishModel', message: { card: child } },
      { from: alice, name: 'registry.retireModel', message: { model: idOf(versions[1]!) } },
      { from: alice, name: 'registry.publishOffer', message: { terms } },
      { from: bob, name: 'registry.publishOffer', message: { terms } },
      { from: bob, name: 'registry.withdrawOffer', message: { offer: offerOf(bob, terms) } },
    ];
    for (const call of calls) {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    }
    const poor = aChain({ funded: [alice, bob] });
    const close = measure(poor, {
      from: alice,
      name: 'accounts.close',
      message: { beneficiary: bob.account },
    });
    expect(close.code).toBe(null);
    expect(close.work >= close.touched.length).toBe(true);
  });

  it('covers weights that are committed and revealed', async () => {
    const { chain, validators } = await aMarket({ commitReveal: true });
    const [person] = validators;
    untilEpoch(chain);
    const secret = secretOf(person!, 2, { 2: 1 }, 0);
    const commit = commitCall(person!, secret);
    const salt = { netuid: 1, commitments: [commitmentOf(person!, 7)] };
    const bind = { from: person!.hotkey, name: 'yuma.commitSalt', message: salt };
    const check = (call: Call) => {
      const { touched, code, work } = measure(chain, call);
      expect(code, call.name).toBe(null);
      expect(work >= touched.length, `${call.name} declares ${work}, touches ${touched.join(' ')}`).toBe(
        true,
      );
    };
    check(bind);
    check(commit);
    expectDone(chain.block([commit]));
    untilEpoch(chain);
    check(revealCall(person!, secret, 3));
  });
});
