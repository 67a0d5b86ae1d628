import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { type Crypto, createPureCrypto, hexToBytes, utf8ToBytes } from '@cairn/core';
import {
  type CommitSignature,
  type ConsensusValidator,
  consensusAddress,
  headerHash,
  type LightBlock,
  sortValidators,
  validatorsHash,
  voteSignBytes,
} from '@cairn/protocol';
import type { LightSource } from '../../src/index.ts';

export const crypto: Crypto = createPureCrypto();
const CHAIN = 'cairn-test';
export const START_SECONDS = 1_700_000_000;
const DER = hexToBytes('302e020100300506032b657004220420');

/** A key that votes, by number. */
function keyOf(number: number) {
  const seed = crypto.sha256(utf8ToBytes(`voter ${number}`));
  const key = createPrivateKey({ key: Buffer.concat([DER, seed]), format: 'der', type: 'pkcs8' });
  const publicKey = new Uint8Array(
    createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32),
  );
  return { key, publicKey };
}

/** Power by number of the key. */
export type Powers = Readonly<Record<number, number>>;

export interface BlockChoices {
  readonly height: number;
  readonly powers: Powers;
  readonly nextPowers?: Powers;
  /** Who votes; the others are absent. @default all */
  readonly voters?: readonly number[];
  readonly seconds?: number;
  readonly appHash?: Uint8Array;
  readonly chainId?: string;
}

function setOf(powers: Powers): { set: ConsensusValidator[]; numberOf: Map<string, number> } {
  const numbers = Object.keys(powers).map(Number);
  const entries = numbers.map((number) => ({
    publicKey: keyOf(number).publicKey,
    power: BigInt(powers[number]!),
  }));
  const numberOf = new Map(entries.map(({ publicKey }, index) => [publicKey.join(), numbers[index]!]));
  return { set: sortValidators(crypto, entries), numberOf };
}

/** A block whose parts belong together, signed by the keys that vote. */
export function aLightBlock(choices: BlockChoices): LightBlock {
  const { height, powers, nextPowers = powers, voters, chainId = CHAIN } = choices;
  const { seconds = START_SECONDS + height, appHash = crypto.sha256(Uint8Array.of(height & 0xff)) } = choices;
  const { set, numberOf } = setOf(powers);
  const none = new Uint8Array();
  const hash = crypto.sha256(none);
  const header = {
    versionBlock: 11n,
    versionApp: 1n,
    chainId,
    height: BigInt(height),
    time: { seconds: BigInt(seconds), nanos: 0 },
    lastBlockId: { hash: none, partsTotal: 0, partsHash: none },
    lastCommitHash: hash,
    dataHash: hash,
    validatorsHash: validatorsHash(crypto, set),
    nextValidatorsHash: validatorsHash(crypto, setOf(nextPowers).set),
    consensusHash: hash,
    appHash,
    lastResultsHash: hash,
    evidenceHash: hash,
    proposerAddress: consensusAddress(crypto, set[0]!.publicKey),
  };
  const commit = {
    height: BigInt(height),
    round: 0,
    blockId: { hash: headerHash(crypto, header), partsTotal: 1, partsHash: hash },
  };
  const time = { seconds: BigInt(seconds + 1), nanos: 5 };
  const signatures = set.map(({ publicKey }): CommitSignature => {
    const number = numberOf.get(publicKey.join())!;
    if (voters !== undefined && !voters.includes(number))
      return { flag: 'absent', validatorAddress: none, time: { seconds: 0n, nanos: 0 }, signature: none };
    const signature = new Uint8Array(sign(null, voteSignBytes(chainId, commit, time), keyOf(number).key));
    return { flag: 'commit', validatorAddress: consensusAddress(crypto, publicKey), time, signature };
  });
  return { header, commit: { ...commit, signatures }, validators: set };
}

/** Serves blocks by height, and counts what was asked for. */
export function aSource(name: string, blocks: readonly LightBlock[]) {
  const asked: bigint[] = [];
  const source: LightSource = {
    name,
    async lightBlock(height) {
      const found = height === null ? blocks.at(-1) : blocks.find(({ header }) => header.height === height);
      if (height !== null) asked.push(height);
      return found ?? null;
    },
  };
  return { source, asked };
}
