import { createPureCrypto, hexToBytes } from '@cairn/core';
import { type KeptTrust, loadKeptTrust, systemClock } from '@cairn/node';
import { consensusChainId, headerHash, type LightBlock } from '@cairn/protocol';
import { type StateSource, trustingPeriodOf } from '@cairn/sdk';
import { CliError, usage } from '../errors.ts';

/** Where the trust of a light client comes from. */
export type TrustKind = 'given' | 'kept' | 'ownNode';

export interface Trust {
  readonly kind: TrustKind;
  readonly height: bigint;
  readonly hash: Uint8Array;
  /** Set when what was verified before is gone on from. */
  readonly kept: KeptTrust | null;
}

export interface TrustFlags {
  readonly trustHeight?: string;
  readonly trustHash?: string;
}

/** The height and hash on the command line; null when neither is there. @throws CliError `USAGE` */
export function parseTrust({ trustHeight, trustHash }: TrustFlags): Trust | null {
  if (trustHeight === undefined && trustHash === undefined) return null;
  if (trustHeight === undefined || trustHash === undefined)
    throw usage('--trust-height and --trust-hash go together: a hash is the hash of one height.');
  if (!/^[1-9]\d{0,14}$/.test(trustHeight)) throw usage(`--trust-height ${trustHeight} is no height.`);
  if (!/^[0-9a-f]{64}$/i.test(trustHash))
    throw usage('--trust-hash is the hash of a header, 64 hexadecimal digits; block show prints it.');
  const hash = hexToBytes(trustHash.toLowerCase());
  return { kind: 'given', height: BigInt(trustHeight), hash, kept: null };
}

export interface FindTrustOptions {
  /** The data folder. */
  readonly data: string;
  /** Hex, as the node says it: it only chooses among chains that were trusted before. */
  readonly chainId: string;
  /** Whether the node is the one of this folder, which may be trusted on first use. */
  readonly isOwn: boolean;
  /** Chain id of the network of this folder when it is local. */
  readonly localChainId: string | null;
}

/**
 * What to begin from when nothing was given: what was verified before, else the newest header of the own node.
 *
 * @throws CliError `USAGE` when the node is a stranger's and nothing is trusted of its chain
 */
export async function findTrust(source: StateSource, options: FindTrustOptions): Promise<Trust> {
  const { data, chainId, isOwn, localChainId } = options;
  const kept = await loadKeptTrust(data, consensusChainId(hexToBytes(chainId)));
  const isFresh = kept !== null && isTrusted(kept, localChainId);
  if (kept !== null && (isFresh || !isOwn)) return trustOf('kept', kept.block, kept);
  if (!isOwn) {
    throw usage(
      'Nothing of this chain is trusted yet. Name a header with --trust-height and --trust-hash, from somebody you trust (block show prints the hash), or run this once against your own node.',
    );
  }
  const newest = await source.lightBlock(null);
  if (newest === null) {
    throw new CliError(
      { code: 'NOT_FOUND', what: 'a block' },
      'This chain has no block yet. Try again in a moment.',
    );
  }
  return trustOf('ownNode', newest, null);
}

function isTrusted({ block, unbondingMs }: KeptTrust, localChainId: string | null): boolean {
  const sinceMs = systemClock.nowMs() - Number(block.header.time.seconds) * 1_000;
  return sinceMs < trustingPeriodOf(unbondingMs, block.header.chainId === localChainId);
}

function trustOf(kind: TrustKind, block: LightBlock, kept: KeptTrust | null): Trust {
  return { kind, height: block.header.height, hash: headerHash(createPureCrypto(), block.header), kept };
}
