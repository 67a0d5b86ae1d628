import { areBytesEqual, bytesToHex, type Crypto, verifyConsensusVote } from '@cairn/core';
import {
  type ConsensusTime,
  type ConsensusValidator,
  consensusAddress,
  headerHash,
  type LightBlock,
  validatorsHash,
  voteSignBytes,
} from '@cairn/protocol';

/** How far a header's time may be ahead of ours: clocks differ. */
const MAX_DRIFT_MS = 10_000;

/** Why a light block is not believed. `untrusted`: too few of those trusted before voted for it, so try one nearer. */
export type Doubt =
  | { readonly code: 'untrusted'; readonly signed: bigint; readonly total: bigint }
  | { readonly code: 'expired'; readonly message: string }
  | { readonly code: 'invalid'; readonly message: string };

export interface VerifyOptions {
  readonly nowMs: number;
  /** For how long after its time a header is trusted: shorter than stake is unbonding. Milliseconds. */
  readonly trustingPeriodMs: number;
}

const invalid = (message: string): Doubt => ({ code: 'invalid', message });

/** Rounds down. */
export const timeMsOf = ({ seconds, nanos }: ConsensusTime): number =>
  Number(seconds) * 1_000 + (nanos - (nanos % 1_000_000)) / 1_000_000;

const isLater = (a: ConsensusTime, b: ConsensusTime): boolean =>
  a.seconds > b.seconds || (a.seconds === b.seconds && a.nanos > b.nanos);

/** Whether its parts belong together: set, votes and header of one height of this chain. */
export function checkShape(crypto: Crypto, chainId: string, block: LightBlock): Doubt | null {
  const { header, commit, validators } = block;
  if (header.chainId !== chainId) return invalid(`it is of another chain, ${JSON.stringify(header.chainId)}`);
  if (commit.height !== header.height) return invalid('its votes are of another height');
  if (!areBytesEqual(commit.blockId.hash, headerHash(crypto, header)))
    return invalid('its votes are for another header');
  if (!areBytesEqual(validatorsHash(crypto, validators), header.validatorsHash))
    return invalid('its validators are not those of its header');
  if (commit.signatures.length !== validators.length)
    return invalid(`it has ${commit.signatures.length} votes of ${validators.length} validators`);
  return null;
}

/**
 * Power of `voters` behind the votes of a block, by signatures that hold, until it is more than `needed`.
 *
 * A vote counts once, and only as a vote for this block. Cost: about 2 ms for each signature.
 *
 * @returns the power counted, or a doubt when a vote that would count does not hold
 */
function countPower(
  crypto: Crypto,
  { header, commit }: LightBlock,
  voters: readonly ConsensusValidator[],
  needed: bigint,
): bigint | Doubt {
  const byAddress = new Map(
    voters.map((voter) => [bytesToHex(consensusAddress(crypto, voter.publicKey)), voter]),
  );
  const counted = new Set<string>();
  let power = 0n;
  for (const { flag, validatorAddress, time, signature } of commit.signatures) {
    if (flag !== 'commit') continue;
    const address = bytesToHex(validatorAddress);
    const voter = byAddress.get(address);
    if (voter === undefined) continue;
    if (counted.has(address)) return invalid(`validator ${address} voted twice`);
    counted.add(address);
    const signed = voteSignBytes(header.chainId, commit, time);
    if (!verifyConsensusVote(voter.publicKey, signed, signature))
      return invalid(`the vote of validator ${address} is not signed by it`);
    power += voter.power;
    if (power > needed) return power;
  }
  return power;
}

const totalOf = (validators: readonly ConsensusValidator[]): bigint =>
  validators.reduce((total, { power }) => total + power, 0n);

/** Whether more than two thirds of the block's own validators voted for it. */
export function checkOwnVotes(crypto: Crypto, block: LightBlock): Doubt | null {
  const total = totalOf(block.validators);
  const needed = (total * 2n) / 3n;
  const power = countPower(crypto, block, block.validators, needed);
  if (typeof power !== 'bigint') return power;
  return power > needed ? null : invalid(`votes for ${power} of ${total} power are not more than two thirds`);
}

/** Whether enough of those trusted before voted for it: more than a third, of whom at least one is honest. */
function checkTrustedVotes(crypto: Crypto, trusted: LightBlock, block: LightBlock): Doubt | null {
  const total = totalOf(trusted.validators);
  const needed = total / 3n;
  const signed = countPower(crypto, block, trusted.validators, needed);
  if (typeof signed !== 'bigint') return signed;
  return signed > needed ? null : { code: 'untrusted', signed, total };
}

/**
 * Whether a light block follows from one that is trusted: null when it does.
 *
 * @see CometBFT v0.38 spec/light-client/verification
 */
export function verifyLightBlock(
  crypto: Crypto,
  trusted: LightBlock,
  block: LightBlock,
  { nowMs, trustingPeriodMs }: VerifyOptions,
): Doubt | null {
  const heights = `height ${trusted.header.height}`;
  if (timeMsOf(trusted.header.time) + trustingPeriodMs <= nowMs)
    return { code: 'expired', message: `what is trusted, ${heights}, is older than the trusting period` };
  if (block.header.height <= trusted.header.height)
    return invalid(`its height ${block.header.height} is not above the trusted ${heights}`);
  const unfit = checkShape(crypto, trusted.header.chainId, block);
  if (unfit !== null) return unfit;
  if (!isLater(block.header.time, trusted.header.time))
    return invalid('its time is not after the trusted one');
  if (timeMsOf(block.header.time) >= nowMs + MAX_DRIFT_MS) return invalid('its time has not come yet');
  if (block.header.height === trusted.header.height + 1n) {
    return areBytesEqual(block.header.validatorsHash, trusted.header.nextValidatorsHash)
      ? checkOwnVotes(crypto, block)
      : invalid('its validators are not those the trusted header named for it');
  }
  return checkTrustedVotes(crypto, trusted, block) ?? checkOwnVotes(crypto, block);
}
