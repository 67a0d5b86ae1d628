import { bytesToHex, hexToBytes } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accounts,
  channelIdOf,
  channels,
  type ModelCard,
  models,
  offers,
  type StateView,
} from '../src/index.ts';
import { aChain, aKey, CAIRN, type Call, type TestChain, testCrypto } from './support/chain.ts';
import { aClaim } from './support/channels.ts';
import { brokenInvariants } from './support/invariants.ts';
import { aCard, anArtifact, idOf, offerOf, someTerms } from './support/registry.ts';

const PEOPLE = Array.from({ length: 5 }, (_, number) => aKey(number));
const who = fc.nat(PEOPLE.length - 1);
/** Null, which stands for whoever fits, most of the time. */
const rarely = <T>(other: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: other });

const amount = fc.oneof(fc.bigInt({ min: 0n, max: 300_000n }), fc.bigInt({ min: 0n, max: 150_000n * CAIRN }));
// One of the latest.
const channel = fc.nat(2);
const version = fc.nat(1);
const provider = fc.nat(1);
const netuid = rarely(fc.constant(2));
type Fields = Record<string, fc.Arbitrary<unknown>>;
type Values<F extends Fields> = { [K in keyof F]: F[K] extends fc.Arbitrary<infer T> ? T : never };
const of = <const K extends string, F extends Fields>(kind: K, fields: F) =>
  fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<{ kind: K } & Values<F>>;

const step = fc.oneof(
  { weight: 3, arbitrary: of('transfer', { from: who, to: who, amount }) },
  { weight: 1, arbitrary: of('close', { from: who, to: who }) },
  { weight: 3, arbitrary: of('open', { from: who, to: who, amount }) },
  { weight: 2, arbitrary: of('topUp', { from: rarely(who), channel, amount }) },
  {
    weight: 8,
    // The voucher is for `part` of what the channel holds, 11 being more than all.
    arbitrary: of('claim', {
      from: rarely(who),
      signer: rarely(who),
      channel,
      part: fc.bigInt(0n, 11n),
      isLast: rarely(fc.boolean()),
    }),
  },
  { weight: 2, arbitrary: of('startClose', { from: rarely(who), channel }) },
  { weight: 2, arbitrary: of('finalise', { from: who, channel }) },
  { weight: 3, arbitrary: of('publish', { from: who, as: rarely(who), version, parent: rarely(version) }) },
  { weight: 2, arbitrary: of('retire', { from: who, as: rarely(who), version }) },
  {
    weight: 4,
    arbitrary: of('offer', {
      from: provider,
      as: rarely(who),
      version,
      netuid,
      ends: fc.nat(250),
      peer: fc.string({ maxLength: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: of('withdraw', { from: provider, provider: rarely(who), as: rarely(who), version, netuid }),
  },
  { weight: 2, arbitrary: of('wait', { slots: fc.nat(8) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const PROLOGUE: readonly Step[] = [
  { kind: 'publish', from: 0, as: null, version: 0, parent: null },
  { kind: 'publish', from: 2, as: null, version: 0, parent: null },
  { kind: 'open', from: 0, to: 1, amount: 10n * CAIRN },
  { kind: 'open', from: 1, to: 2, amount: 300_000n },
];

const cardOf = (owner: number, number: number, parent: number | null = null): ModelCard =>
  aCard(PEOPLE[owner]!, {
    name: owner < 2 ? 'shared/name' : `people/model-${owner}`,
    version: `${number}`,
    artifacts: [anArtifact(owner)],
    parents: parent === null ? [] : [idOf(cardOf(owner, parent))],
  });

const termsOf = (owner: number, number: number, netuidOfOffer: number) =>
  someTerms(cardOf(owner, number), { netuid: netuidOfOffer });

async function callOf(
  chain: TestChain,
  opened: readonly Uint8Array[],
  action: Exclude<Step, { kind: 'wait' }>,
): Promise<Call> {
  const id = ('channel' in action && opened[action.channel % opened.length]) || new Uint8Array(32);
  const known = channels.get(chain.view, bytesToHex(id));
  const payer = known === undefined ? PEOPLE[0]! : personOf(known.payer);
  const payee = known === undefined ? PEOPLE[0]! : personOf(known.payee);
  const fitting = action.kind === 'claim' ? payee : payer;
  const from = action.from === null ? fitting : PEOPLE[action.from]!;
  const owner =
    'as' in action
      ? (action.as ?? (action.kind === 'offer' || action.kind === 'withdraw' ? 0 : action.from))
      : 0;
  switch (action.kind) {
    case 'transfer':
      return {
        from,
        name: 'accounts.transfer',
        message: { to: PEOPLE[action.to]!.account, amount: action.amount },
      };
    case 'close':
      return { from, name: 'accounts.close', message: { beneficiary: PEOPLE[action.to]!.account } };
    case 'open':
      return {
        from,
        name: 'channels.open',
        message: { payee: PEOPLE[action.to]!.account, netuid: 1, deposit: action.amount },
      };
    case 'topUp':
      return { from, name: 'channels.topUp', message: { channel: id, amount: action.amount } };
    case 'claim': {
      const cumulative = ((known?.deposited ?? 10n) * action.part) / 10n;
      const signer = action.signer === null ? payer : PEOPLE[action.signer]!;
      const message = await aClaim(chain, id, signer, cumulative, { close: action.isLast === true });
      return { from, name: 'channels.claim', message };
    }
    case 'startClose':
      return { from, name: 'channels.startClose', message: { channel: id } };
    case 'finalise':
      return { from, name: 'channels.finalise', message: { channel: id } };
    case 'publish':
      return {
        from,
        name: 'registry.publishModel',
        message: { card: cardOf(owner, action.version, action.parent) },
      };
    case 'retire':
      return {
        from,
        name: 'registry.retireModel',
        message: { model: idOf(cardOf(owner, action.version)) },
      };
    case 'offer': {
      const peer = action.peer.replace(/[^ -~]/g, '');
      const terms = {
        ...termsOf(owner, action.version, action.netuid ?? 1),
        expirySlot: BigInt(action.ends),
        peer,
      };
      return { from, name: 'registry.publishOffer', message: { terms } };
    }
    case 'withdraw': {
      const offer = offerOf(
        action.provider === null ? from : PEOPLE[action.provider]!,
        termsOf(owner, action.version, action.netuid ?? 1),
      );
      return { from, name: 'registry.withdrawOffer', message: { offer } };
    }
  }
}

const idsOf = (chain: TestChain, prefix: string) =>
  [...chain.store.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
const personOf = (account: Uint8Array) =>
  PEOPLE.find((person) => bytesToHex(person.account) === bytesToHex(account))!;

/** Ends everything that anyone owns, so that all deposits come back. */
function windUp(chain: TestChain): void {
  const rich = aKey(99);
  for (const person of PEOPLE) chain.send(rich, 'accounts.transfer', { to: person.account, amount: CAIRN });
  const done = (from: typeof rich, name: string, message: unknown) => {
    const code = chain.send(from, name, message);
    if (code !== null && code !== 'CHANNEL_CLOSING') throw new Error(`${name}: ${code}`);
  };
  for (const id of idsOf(chain, channels.prefix)) {
    const { payer } = channels.get(chain.view, id)!;
    done(personOf(payer), 'channels.startClose', { channel: hexToBytes(id) });
  }
  chain.advance(6);
  for (const id of idsOf(chain, channels.prefix))
    done(rich, 'channels.finalise', { channel: hexToBytes(id) });
  for (const id of idsOf(chain, offers.prefix)) {
    const { provider } = offers.get(chain.view, id)!;
    done(personOf(provider), 'registry.withdrawOffer', { offer: hexToBytes(id) });
  }
  for (const id of idsOf(chain, models.prefix)) {
    const { card } = models.get(chain.view, id)!;
    done(personOf(card.owner), 'registry.retireModel', { model: hexToBytes(id) });
  }
  for (const person of PEOPLE) done(person, 'accounts.close', { beneficiary: rich.account });
}

/** Each name belongs to one owner while a version is registered, and points to a registered model. */
function brokenNames({ view, store }: { view: StateView; store: Map<string, Uint8Array> }): string[] {
  const owners = new Map<string, Set<string>>();
  for (const key of store.keys()) {
    if (!key.startsWith(models.prefix)) continue;
    const { card } = models.get(view, key.slice(models.prefix.length))!;
    owners.set(card.name, (owners.get(card.name) ?? new Set()).add(bytesToHex(card.owner)));
  }
  const names = [...store.keys()].filter((key) => key.startsWith('registry/name/')).length;
  const shared = [...owners].filter(([, who]) => who.size > 1).map(([name]) => `${name} has two owners`);
  return names === owners.size ? shared : [...shared, `${names} names for ${owners.size} named models`];
}

describe('a random history of payments and offers', () => {
  it('keeps all money and every deposit accounted for, and gives all of it back in the end', async () => {
    const counts = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 90 }), async (steps) => {
        const chain = aChain({ funded: [...PEOPLE, aKey(99)], parameters: { channelDisputeBlocks: 4n } });
        const issued = 6n * 100_000n * CAIRN;
        const opened: Uint8Array[] = [];
        const paid = new Map<string, bigint>();
        let burned = 0n;
        for (const [index, action] of [...PROLOGUE, ...steps].entries()) {
          const what = `${index} ${action.kind}`;
          if (action.kind === 'wait') {
            chain.block([], action.slots);
            continue;
          }
          const call = await callOf(chain, opened, action);
          const { nonce } = accounts.get(chain.view, call.from.account) ?? { nonce: 0n };
          const [result] = chain.block([call]).results;
          const outcome = `${action.kind} ${result!.problem?.code ?? 'done'}`;
          counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
          if (result!.ok && action.kind === 'open')
            opened.unshift(channelIdOf(testCrypto, chain.chainId, call.from.account, nonce));
          for (const { name, data } of result!.events) {
            if (name !== 'channels.claimed') continue;
            const sum = (paid.get(data.channel as string) ?? 0n) + BigInt(data.gross as string);
            paid.set(data.channel as string, sum);
            burned += BigInt(data.burned as string);
            expect(sum.toString(), what).toBe(data.cumulative);
            expect(BigInt(data.net as string) + BigInt(data.burned as string), what).toBe(
              BigInt(data.gross as string),
            );
          }
          expect(brokenInvariants(chain), what).toEqual([]);
          expect(brokenNames(chain), what).toEqual([]);
          const { circulating, escrowed, recycled } = chain.supply();
          expect(circulating + escrowed + recycled + burned, what).toBe(issued);
        }
        windUp(chain);
        expect(brokenInvariants(chain)).toEqual([]);
        expect(idsOf(chain, 'registry/').length + idsOf(chain, 'channels/channel/').length).toBe(0);
        expect(idsOf(chain, 'channels/party/')).toEqual([]);
        expect(chain.supply().escrowed).toBe(200_000n);
      }),
      { numRuns: 25, seed: 20_260_702 },
    );
    const hit = (kind: string) => [...counts].filter(([name]) => name.startsWith(kind)).length;
    const spread = Object.fromEntries(
      ['claim', 'open', 'offer', 'withdraw', 'publish', 'retire'].map((kind) => [kind, hit(kind)]),
    );
    for (const [kind, outcomes] of Object.entries(spread)) {
      expect(
        outcomes >= 2 && (counts.get(`${kind} done`) ?? 0) > 5,
        `${kind}: ${JSON.stringify([...counts])}`,
      ).toBe(true);
    }
  });
});
