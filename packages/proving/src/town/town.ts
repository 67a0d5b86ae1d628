import { createNativeCrypto } from '@cairn/chain';
import type { Crypto } from '@cairn/core';
import {
  accounts,
  type BlockOutcome,
  chainIdOf,
  createLedger,
  type Genesis,
  genesisState,
  holdings,
  type Market,
  markets,
  type StateView,
} from '@cairn/ledger';
import { ProvingError } from '../errors.ts';
import { type Actor, type ActorCall, createActor, wrapUnsigned } from './actor.ts';

export interface TownOptions {
  /** Distinguishes the accounts and blocks of one town from those of others. */
  readonly seed: number;
  readonly people: readonly string[];
  /** Pebbles that each of them has at first. */
  readonly funds: bigint;
  readonly parameters?: Readonly<Record<string, bigint>>;
}

/** A network of few people on the real ledger in memory. Signatures are taken as good. */
export interface Town {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly view: StateView;
  person(name: string): Actor;
  /** One block of one slot. @throws ProvingError `ATTACK_FAILED` when a call is refused */
  block(calls: readonly ActorCall[]): BlockOutcome;
  /** Pebbles that can be spent, and deposits that come back. */
  wealthOf(name: string): bigint;
  tokensOf(name: string, netuid: number): bigint;
  marketOf(netuid: number): Market;
}

const START_MS = 1_700_000_000_000;
const SLOT_MS = 1_000;

export function createTown({ seed, people, funds, parameters = {} }: TownOptions): Town {
  const native = createNativeCrypto();
  const crypto: Crypto = { ...native, verifyEd25519: () => true };
  const actors = new Map(people.map((name) => [name, createActor(crypto, `${seed} ${name}`)]));
  const genesis: Genesis = {
    name: 'cairn-town',
    kind: 'local',
    timeMs: BigInt(START_MS),
    salt: new Uint8Array(32),
    parameters: [
      { name: 'slotMs', value: BigInt(SLOT_MS) },
      ...Object.entries(parameters).map(([name, value]) => ({ name, value })),
    ],
    validators: [],
    beacon: null,
    funds: [...actors.values()].map(({ account }) => ({ account, amount: funds })),
  };
  const chainId = chainIdOf(crypto, genesis);
  const values = new Map<string, Uint8Array>();
  const keep = (changes: BlockOutcome['changes']): void => {
    for (const { key, value } of changes) {
      if (value === null) values.delete(key);
      else values.set(key, value);
    }
  };
  keep(genesisState(crypto, genesis));
  const view: StateView = { get: (key) => values.get(key) };
  const ledger = createLedger({ crypto, verified: { has: () => true } });
  let height = 0;
  const person = (name: string): Actor => actors.get(name)!;
  return {
    crypto,
    chainId,
    view,
    person,
    block(calls) {
      height += 1;
      const outcome = ledger.apply(view, {
        height,
        timeMs: START_MS + height * SLOT_MS,
        hash: crypto.sha256(Uint8Array.of(seed & 255, (seed >> 8) & 255, height & 255, height >> 8)),
        proposer: new Uint8Array(32),
        votes: [],
        misbehavior: [],
        txs: calls.map((call) => wrapUnsigned(chainId, call)),
      });
      const refused = outcome.results.find(({ ok }) => !ok)?.problem;
      if (refused != null) {
        const reason = `${refused.code}: ${refused.message}`;
        throw new ProvingError({ code: 'ATTACK_FAILED', reason }, `A simulated call was refused: ${reason}`);
      }
      keep(outcome.changes);
      return outcome;
    },
    wealthOf(name) {
      const account = accounts.get(view, person(name).account);
      return account === undefined ? 0n : account.spendable;
    },
    tokensOf: (name, netuid) => holdings.get(view, person(name).account, netuid)?.amount ?? 0n,
    marketOf: (netuid) => markets.get(view, netuid)!,
  };
}
