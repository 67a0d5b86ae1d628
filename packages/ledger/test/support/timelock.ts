import { createBeaconSigner, encode, sealToRound } from '@cairn/core';
import { type Beacon, timelockedWeightsShape, weightsCommitment } from '../../src/index.ts';
import { type Call, type TestChain, type TestKey, testCrypto } from './chain.ts';
import {
  aMarket,
  commitmentOf,
  expectDone,
  type Person,
  type Secret,
  secretOf,
  setHyperparameter,
  untilEpoch,
} from './market.ts';
import { ROW } from './secret-market.ts';

/** A beacon of one key, so that tests make its pulses. */
export const signer = createBeaconSigner(new Uint8Array(32).fill(5));
export const BEACON: Beacon = {
  publicKey: signer.publicKey,
  genesisMs: 1_699_999_990_000n,
  periodMs: 3_000n,
};

/** Epoch 2 of a subnet whose weights are locked to rounds, with permits and salts. */
export async function aTimelockedMarket(options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aMarket({ commitReveal: true, beacon: BEACON, ...options });
  setHyperparameter(market.chain, 'commitReveal', 2);
  untilEpoch(market.chain);
  return market;
}

export const roundOf = (chain: TestChain): bigint =>
  BigInt(chain.query('yuma_timelock', { netuid: 1 }).round);

let drawn = 0;
/** Bytes sealed to a round with fresh randomness. */
export function seal(round: bigint, plaintext: Uint8Array): Uint8Array {
  drawn += 1;
  return sealToRound(signer.publicKey, round, plaintext, testCrypto.sha256(Uint8Array.of(drawn >> 8, drawn)));
}

/** What a validator seals, with the commitment to the salt of number `next`. */
export const plaintextOf = (person: Person, { uids, values, version, salt }: Secret, next: number) =>
  encode(timelockedWeightsShape, {
    uids,
    values,
    version,
    salt,
    nextSaltCommitment: commitmentOf(person, next),
  });

/** The commit of a person to weights, sealed to the round that the ledger names. */
export function timelockCall(
  chain: TestChain,
  person: Person,
  secret: Secret,
  next: number,
  change: {
    readonly ciphertext?: Uint8Array;
    readonly round?: bigint;
    readonly commitment?: Uint8Array;
  } = {},
): Call {
  const { netuid, mechanism, epoch } = secret;
  const round = change.round ?? roundOf(chain);
  const message = {
    netuid,
    mechanism,
    epoch,
    round,
    commitment: weightsCommitment(testCrypto, { ...secret, validator: person.hotkey.account }),
    evidenceRoot: new Uint8Array(32).fill(epoch),
    ciphertext: change.ciphertext ?? seal(round, plaintextOf(person, secret, next)),
    ...(change.commitment === undefined ? {} : { commitment: change.commitment }),
  };
  return { from: person.hotkey, name: 'yuma.commitTimelocked', message };
}

export function pulseCall(from: TestKey, round: bigint, signature = signer.sign(round)): Call {
  return { from, name: 'yuma.postPulse', message: { netuid: 1, round, signature } };
}

/** Epoch 3: all have committed in epoch 2, and the round of these commits. */
export async function afterSealing(options: Parameters<typeof aMarket>[0] = {}) {
  const market = await aTimelockedMarket(options);
  const { chain, validators } = market;
  const round = roundOf(chain);
  const secrets = validators.map((person) => secretOf(person, 2, ROW, 0));
  expectDone(chain.block(validators.map((person, index) => timelockCall(chain, person, secrets[index]!, 3))));
  untilEpoch(chain);
  return { ...market, round, secrets };
}
