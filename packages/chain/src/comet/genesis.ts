import { bytesToHex, type Crypto } from '@cairn/core';
import { chainIdOf, type Genesis, genesisShape, PARAMETERS, type Parameters } from '@cairn/ledger';
import { consensusAddress, consensusChainId } from '@cairn/protocol';
import type { ConsensusParams } from 'cosmjs-types/tendermint/types/params';
import { APP_VERSION } from '../blocks/header.ts';
import { ChainError } from '../errors.ts';

/** Name of the chain of a genesis, which every vote signs. */
export function cometChainId(crypto: Crypto, genesis: Genesis): string {
  return consensusChainId(chainIdOf(crypto, genesis));
}

/** CometBFT dates the first block as its genesis; time rises from ours. */
export function firstBlockMs({ timeMs }: Pick<Genesis, 'timeMs'>): number {
  return Number(timeMs) + 1;
}

/** Evidence in one block: dozens of pieces. */
const MAX_EVIDENCE_BYTES = 262_144n;
/** Header and votes of 200 validators. */
const BLOCK_FRAME_BYTES = 65_536n;
/** Time that one block of the evidence age stands for. With blocks of less than twice that, stake is still bonded. */
const EVIDENCE_BLOCK_MS = 6_000n;
const LEAST_EVIDENCE_MS = 1_000n;

/**
 * What CometBFT is told of the ledger's parameters. Evidence counts for half the time stake is unbonding, so that
 * stake still answers for what it proves.
 */
export function consensusParamsOf({
  maxBlockBytes,
  unbondingSlots,
  slotMs,
}: Pick<Parameters, 'maxBlockBytes' | 'unbondingSlots' | 'slotMs'>): ConsensusParams {
  const half = (unbondingSlots * slotMs) / 2n;
  const ageMs = half > LEAST_EVIDENCE_MS ? half : LEAST_EVIDENCE_MS;
  const ageBlocks = ageMs / EVIDENCE_BLOCK_MS;
  return {
    // Each transaction takes a tag and its length beside its bytes: less than a sixteenth.
    block: {
      maxBytes: maxBlockBytes + maxBlockBytes / 16n + MAX_EVIDENCE_BYTES + BLOCK_FRAME_BYTES,
      maxGas: -1n,
    },
    evidence: {
      maxAgeNumBlocks: ageBlocks > 0n ? ageBlocks : 1n,
      maxAgeDuration: { seconds: ageMs / 1_000n, nanos: Number(ageMs % 1_000n) * 1_000_000 },
      maxBytes: MAX_EVIDENCE_BYTES,
    },
  };
}

function genesisParameters({
  parameters,
}: Genesis): Pick<Parameters, 'maxBlockBytes' | 'unbondingSlots' | 'slotMs'> {
  const genesisValue = (wanted: 'maxBlockBytes' | 'unbondingSlots' | 'slotMs'): bigint =>
    parameters.find(({ name }) => name === wanted)?.value ?? PARAMETERS[wanted].initial;
  return {
    maxBlockBytes: genesisValue('maxBlockBytes'),
    unbondingSlots: genesisValue('unbondingSlots'),
    slotMs: genesisValue('slotMs'),
  };
}

/** On a local network stake unbonds in seconds, and nobody has a reason to lie. */
const LOCAL_TRUST_MS = 86_400_000;

/** For how long a block that somebody trusted tells who votes: as long as evidence counts, while stake is bonded. */
export function trustPeriodMsOf(genesis: Genesis): number {
  const { seconds, nanos } = consensusParamsOf(genesisParameters(genesis)).evidence!.maxAgeDuration;
  const bondedMs = Number(seconds) * 1_000 + nanos / 1_000_000;
  return genesis.kind === 'local' ? Math.max(bondedMs, LOCAL_TRUST_MS) : bondedMs;
}

/**
 * CometBFT's genesis.json of a genesis of ours. The same on every node.
 *
 * @throws ChainError `NO_VALIDATORS` when it names none: nobody could vote on the first block
 */
export function cometGenesis(crypto: Crypto, genesis: Genesis): unknown {
  if (genesis.validators.length === 0) {
    throw new ChainError(
      { code: 'NO_VALIDATORS' },
      'This genesis names no validator, so nobody could vote on its first block. Name at least one.',
    );
  }
  const { block, evidence } = consensusParamsOf(genesisParameters(genesis));
  const { seconds, nanos } = evidence!.maxAgeDuration;
  return {
    genesis_time: new Date(firstBlockMs(genesis)).toISOString(),
    chain_id: cometChainId(crypto, genesis),
    initial_height: '1',
    consensus_params: {
      block: { max_bytes: block!.maxBytes.toString(), max_gas: block!.maxGas.toString() },
      evidence: {
        max_age_num_blocks: evidence!.maxAgeNumBlocks.toString(),
        max_age_duration: (seconds * 1_000_000_000n + BigInt(nanos)).toString(),
        max_bytes: evidence!.maxBytes.toString(),
      },
      validator: { pub_key_types: ['ed25519'] },
      version: { app: APP_VERSION.toString() },
      abci: { vote_extensions_enable_height: '0' },
    },
    validators: genesis.validators.map(({ publicKey, power }) => ({
      address: bytesToHex(consensusAddress(crypto, publicKey)).toUpperCase(),
      pub_key: { type: 'tendermint/PubKeyEd25519', value: Buffer.from(publicKey).toString('base64') },
      power: power.toString(),
      name: '',
    })),
    app_hash: '',
    app_state: genesisShape.toJson(genesis),
  };
}
