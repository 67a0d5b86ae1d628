import { type HyperparameterName, saltCommitment, subnets, weightsCommitment } from '../../src/index.ts';
import {
  aChain,
  agreement,
  aKey,
  CAIRN,
  type TestChain,
  type TestChainOptions,
  type TestKey,
  testCrypto,
} from './chain.ts';

/** A person with a coldkey and a hotkey, both with money. */
export interface Person {
  readonly coldkey: TestKey;
  readonly hotkey: TestKey;
}

export function aPerson(number: number): Person {
  return { coldkey: aKey(2 * number), hotkey: aKey(2 * number + 1) };
}

/** The salt of a validator's n-th commitment. */
export function saltOf(person: Person, n: number): Uint8Array {
  return testCrypto.sha256(Uint8Array.of(...person.hotkey.publicKey, n));
}
export const commitmentOf = (person: Person, n: number, netuid = 1) =>
  saltCommitment(testCrypto, netuid, person.hotkey.account, saltOf(person, n));

/** The first commitments of a validator, from the n-th on. */
export const someCommitments = (person: Person, count: number, n = 0) =>
  Array.from({ length: count }, (_, index) => commitmentOf(person, n + index));

/** Sets one directly: by message it takes two tempos to the next. */
export function setHyperparameter(
  chain: TestChain,
  name: HyperparameterName,
  value: number,
  netuid = 1,
): void {
  const subnet = subnets.get(chain.view, netuid)!;
  const hyperparameters = { ...subnet.hyperparameters, [name]: value };
  chain.edit((state) => subnets.set(state, netuid, { ...subnet, hyperparameters }));
}

/** Gives a subnet its mechanisms directly: by message they begin with the next epoch. */
export function setMechanisms(chain: TestChain, parts: readonly number[], netuid = 1): void {
  const subnet = subnets.get(chain.view, netuid)!;
  const mechanisms = parts.map((part) => ({ part, beganSlot: subnet.createdSlot, measure: null }));
  chain.edit((state) => subnets.set(state, netuid, { ...subnet, mechanisms }));
}

/** Weights with the reveal of the n-th salt. */
export function weightsCall(
  person: Person,
  netuid: number,
  weights: Record<number, number>,
  n: number,
  mechanism = 0,
) {
  return {
    from: person.hotkey,
    name: 'yuma.setWeights',
    message: {
      netuid,
      mechanism,
      uids: Object.keys(weights).map(Number),
      values: Object.values(weights),
      version: 0,
      evidenceRoot: new Uint8Array(32),
      salt: saltOf(person, n),
      nextSaltCommitment: commitmentOf(person, n + 1, netuid),
    },
  };
}

/** Word of a validator that it has the evidence of these uids, with as many answers of each. */
export function attestCall(
  person: Person,
  uids: readonly number[],
  netuid = 1,
  mechanism = 0,
  answered: readonly number[] = uids.map(() => 48),
) {
  const message = { netuid, mechanism, uids, answered };
  return { from: person.hotkey, name: 'yuma.attestEvidence', message };
}

export function expectDone(outcome: ReturnType<TestChain['block']>): void {
  const failed = outcome.results.find((result) => !result.ok);
  if (failed !== undefined) throw new Error(`${failed.problem?.code}: ${failed.problem?.message}`);
}

export interface MarketOptions {
  readonly validators?: number;
  readonly miners?: number;
  /** CAIRN that each validator stakes to itself. */
  readonly stake?: bigint;
  readonly parameters?: Record<string, bigint>;
  /** Whether weights are committed and revealed, as on a new subnet. @default false: set in the open */
  readonly commitReveal?: boolean;
  readonly beacon?: TestChainOptions['beacon'];
}

/** Subnet 1 with validators on the first uids and miners after them; validators have committed to a salt. */
export async function aMarket({
  validators = 2,
  miners = 4,
  stake = 1_000n,
  parameters = {},
  commitReveal = false,
  beacon = null,
}: MarketOptions = {}) {
  const owner = aPerson(100);
  const people = Array.from({ length: validators + miners }, (_, number) => aPerson(number));
  const funded = [owner, ...people].flatMap(({ coldkey, hotkey }) => [coldkey, hotkey]);
  const chain = aChain({ funded, parameters, beacon });
  const associate = await Promise.all(
    people.map(async ({ coldkey, hotkey }) => ({
      from: coldkey,
      name: 'staking.associateHotkey',
      message: { hotkey: await agreement(chain.chainId, hotkey, coldkey.account) },
    })),
  );
  const create = {
    from: owner.coldkey,
    name: 'subnets.create',
    message: { name: 'test', lockLimit: 10_000n * CAIRN },
  };
  expectDone(chain.block([create, ...associate]));
  if (!commitReveal) setHyperparameter(chain, 'commitReveal', 0);
  const register = people.map(({ coldkey, hotkey }) => ({
    from: coldkey,
    name: 'subnets.registerNeuron',
    message: { netuid: 1, hotkey: hotkey.account, burnLimit: 1_000n * CAIRN },
  }));
  expectDone(chain.block(register));
  const staking = people.slice(0, validators).flatMap((person) => [
    {
      from: person.coldkey,
      name: 'staking.stake',
      message: { hotkey: person.hotkey.account, amount: stake * CAIRN },
    },
    {
      from: person.hotkey,
      name: 'yuma.commitSalt',
      message: { netuid: 1, commitments: someCommitments(person, commitReveal ? 3 : 1) },
    },
  ]);
  expectDone(chain.block(staking));
  return { chain, owner, validators: people.slice(0, validators), miners: people.slice(validators) };
}

/** Empty blocks until the epoch of subnet 1 has run; its events. */
export function untilEpoch(chain: TestChain) {
  for (let blocks = 0; blocks < 500; blocks += 1) {
    const { events } = chain.block();
    if (events.some(({ name }) => name === 'yuma.epochRan')) return events;
  }
  throw new Error('No epoch ran in 500 blocks.');
}

/** Weights of one epoch that only their validator knows, with its n-th salt. */
export function secretOf(
  person: Person,
  epoch: number,
  weights: Record<number, number>,
  n: number,
  mechanism = 0,
) {
  return {
    netuid: 1,
    mechanism,
    epoch,
    uids: Object.keys(weights).map(Number),
    values: Object.values(weights),
    version: 0,
    salt: saltOf(person, n),
  };
}
export type Secret = ReturnType<typeof secretOf>;

/** The commit of a person to weights, made out to another where a test cheats. */
export function commitCall(person: Person, secret: Secret, author = person) {
  const { netuid, mechanism, epoch } = secret;
  const commitment = weightsCommitment(testCrypto, { ...secret, validator: author.hotkey.account });
  const message = { netuid, mechanism, epoch, commitment, evidenceRoot: new Uint8Array(32).fill(epoch) };
  return { from: person.hotkey, name: 'yuma.commitWeights', message };
}

/** The reveal of weights, which commits to the salt of number `next`. */
export function revealCall(person: Person, secret: Secret, next: number) {
  const message = { ...secret, nextSaltCommitment: commitmentOf(person, next) };
  return { from: person.hotkey, name: 'yuma.revealWeights', message };
}
