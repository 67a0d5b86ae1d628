import {
  areBytesEqual,
  bytesToHex,
  type Clock,
  type Crypto,
  stateProof,
  verifyStateProof,
} from '@cairn/core';
import { headerHash, type LightBlock } from '@cairn/protocol';
import { SdkError } from '../errors.ts';
import { createComparison } from './compare.ts';
import { refusal } from './refusal.ts';
import { createTrustingPeriod, inHours } from './trusting-period.ts';
import { checkOwnVotes, checkShape, timeMsOf, verifyLightBlock } from './verify.ts';

/** Where light blocks come from. Nobody there is trusted. */
export interface LightSource {
  /** For messages: its address. */
  readonly name: string;
  /** The light block of a height, or of the newest; null when it has none of that height. */
  lightBlock(height: bigint | null): Promise<LightBlock | null>;
}

/** Keeps what was verified, so that the next start begins from there. */
export interface LightStore {
  load(): Promise<LightBlock | null>;
  /**
   * @param unbondingMs time that stake is unbonding; null: not proved yet, so whether the trust it followed from was still
   * good is not known either
   */
  save(block: LightBlock, unbondingMs: number | null): Promise<void>;
}

export interface LightClientParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly primary: LightSource;
  /** Others that are asked for the same heights: one that knows another header proves an attack. */
  readonly witnesses?: readonly LightSource[];
  readonly store?: LightStore;
}

export interface LightClientOptions {
  /** Chain id of the headers. @default the one of the header that is trusted, which its hash names */
  readonly chainId?: string;
  /** A height and the hash of its header that the person has from somebody it trusts. */
  readonly trusted: { readonly height: bigint; readonly hash: Uint8Array };
  /**
   * For how long a header is trusted. @default two thirds of the time that stake is unbonding, once the chain has proved
   * it; 14 days until then
   */
  readonly trustingPeriodMs?: number;
  /** Time that stake is unbonding, in milliseconds, when the chain proved it before. */
  readonly unbondingMs?: number;
  /** Chain id of a network that is known to be local: stake unbonds in seconds there, and trust lasts a day. */
  readonly localChainId?: string;
}

/** A value of the state, with what it takes to check it. */
export interface ProvedValue {
  readonly key: string;
  /** Height of the state; its root is in the header of the next. */
  readonly height: bigint;
  /** Null: that there is none is proved too. */
  readonly value: Uint8Array | null;
  /** As `stateProof` writes it in JSON. */
  readonly proof: unknown;
}

export interface LightClient {
  /** The newest header that is verified. */
  readonly latest: LightBlock;
  /** Witnesses that had no header of the height verified last: they neither agree nor disagree. */
  readonly silentWitnesses: readonly string[];
  /** Time that stake is unbonding as far as the chain proved it, in milliseconds; null before. */
  readonly unbondingMs: number | null;
  /**
   * Bounds the trust by the time that stake is unbonding, which the caller has proved. `readProved` does it.
   *
   * @throws SdkError `LIGHT_EXPIRED` when what it began from is older than that allows, `LIGHT_PERIOD_TOO_LONG`
   */
  bindTrust(unbondingMs: number): Promise<void>;
  /** Verifies the light block of a height above what is trusted, or the newest. @throws SdkError `LIGHT_…` */
  update(height?: bigint): Promise<LightBlock>;
  /** Whether the state really holds this value. Verifies the header after its height first. @throws SdkError `LIGHT_…` */
  holds(value: ProvedValue): Promise<boolean>;
}

/** Most headers fetched to reach one: 2^40 heights apart, halved each time, and the way back. */
const MAX_STEPS = 200;

/**
 * Follows a chain by the votes of its validators, from one header that is trusted, and believes no server.
 *
 * @throws SdkError `LIGHT_HEADER_UNKNOWN` when the source has no header of the trusted height and hash, `LIGHT_EXPIRED`
 * when what is trusted is too old, `LIGHT_INVALID` when its parts do not belong together
 */
export async function openLightClient(
  parts: LightClientParts,
  options: LightClientOptions,
): Promise<LightClient> {
  const { crypto, clock, primary, witnesses = [], store } = parts;
  const { trusted } = options;
  /** Only what every witness that answered agrees with. */
  const verified = new Map<bigint, LightBlock>();
  const kept = await loadKept();
  const begun = kept ?? (await fetchTrusted());
  const period = createTrustingPeriod((id) => id === begun.header.chainId, {
    ...(options.trustingPeriodMs === undefined ? {} : { givenMs: options.trustingPeriodMs }),
    ...(options.unbondingMs === undefined ? {} : { unbondingMs: options.unbondingMs }),
    ...(options.localChainId === undefined ? {} : { localChainId: options.localChainId }),
  });
  refuseOld();
  if (kept === null) await store?.save(begun, period.unbondingMs);
  verified.set(begun.header.height, begun);
  let latest = begun;
  const comparison = createComparison(crypto, primary, witnesses);

  async function loadKept(): Promise<LightBlock | null> {
    const stored = await store?.load();
    return stored != null && isFit(stored) ? stored : null;
  }

  /** @throws SdkError `LIGHT_EXPIRED` */
  function refuseOld(): void {
    const { height, time } = begun.header;
    if (timeMsOf(time) + period.ms > clock.nowMs()) return;
    const why =
      period.unbondingMs === null
        ? ''
        : `, as stake of this chain is unbonding for ${inHours(period.unbondingMs)}`;
    throw new SdkError(
      { code: 'LIGHT_EXPIRED', height: height.toString() },
      `What is trusted, height ${height}, is older than the trusting period of ${inHours(period.ms)} hours${why}. Ask somebody you trust for the hash of a newer header.`,
    );
  }

  /** Whether what was kept is of the chain that is trusted, and not older. */
  function isFit(kept: LightBlock): boolean {
    const { height, chainId } = kept.header;
    if (checkShape(crypto, options.chainId ?? chainId, kept) !== null) return false;
    if (height === trusted.height) return areBytesEqual(headerHash(crypto, kept.header), trusted.hash);
    return height > trusted.height && options.chainId !== undefined;
  }

  async function fetchTrusted(): Promise<LightBlock> {
    const block = await fetchFrom(primary, trusted.height);
    const hash = headerHash(crypto, block.header);
    if (!areBytesEqual(hash, trusted.hash)) {
      throw new SdkError(
        { code: 'LIGHT_HEADER_UNKNOWN', source: primary.name, height: trusted.height.toString() },
        `${primary.name} has header ${bytesToHex(hash)} at height ${trusted.height}, you trust ${bytesToHex(trusted.hash)}. One of the two is of another chain.`,
      );
    }
    const named = options.chainId ?? block.header.chainId;
    const doubt = checkShape(crypto, named, block) ?? checkOwnVotes(crypto, block);
    if (doubt !== null) throw refusal(primary, trusted.height, doubt);
    return block;
  }

  async function fetchFrom(source: LightSource, height: bigint | null): Promise<LightBlock> {
    const block = await source.lightBlock(height);
    if (block === null || (height !== null && block.header.height !== height)) {
      throw new SdkError(
        { code: 'LIGHT_HEADER_UNKNOWN', source: source.name, height: String(height) },
        `${source.name} has no header of height ${height ?? 'its own'}. Ask another node, or trust a newer height.`,
      );
    }
    return block;
  }

  /** Nearest verified header at or below a height, kept or on the way to another. */
  function nearest(height: bigint, onTheWay: ReadonlyMap<bigint, LightBlock>): LightBlock {
    let best: LightBlock | null = null;
    for (const blocks of [verified, onTheWay])
      for (const block of blocks.values())
        if (block.header.height <= height && (best === null || block.header.height > best.header.height))
          best = block;
    if (best !== null) return best;
    throw new SdkError(
      { code: 'LIGHT_HEIGHT_TOO_LOW', height: height.toString() },
      `Height ${height} is below what is trusted. Headers are verified forwards only: trust an older one.`,
    );
  }

  /**
   * Bisection: tries the header itself, and one half way when too few of those trusted voted for it. Nothing of it is
   * kept: no witness was asked yet.
   */
  async function verify(target: LightBlock): Promise<void> {
    const onTheWay = new Map<bigint, LightBlock>();
    const wanted = [target];
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const next = wanted.at(-1);
      if (next === undefined) return;
      const from = nearest(next.header.height, onTheWay);
      if (from.header.height === next.header.height) {
        refuseAnother(from, next);
        wanted.pop();
        continue;
      }
      const doubt = verifyLightBlock(crypto, from, next, {
        ...{ nowMs: clock.nowMs(), trustingPeriodMs: period.ms },
      });
      if (doubt === null) {
        onTheWay.set(next.header.height, next);
        wanted.pop();
      } else if (doubt.code === 'untrusted') {
        wanted.push(await fetchFrom(primary, (from.header.height + next.header.height) / 2n));
      } else {
        throw refusal(primary, next.header.height, doubt);
      }
    }
    throw refusal(primary, target.header.height, {
      code: 'invalid',
      message: `it took more than ${MAX_STEPS} steps to reach it`,
    });
  }

  /** @throws SdkError `LIGHT_INVALID` */
  function refuseAnother(known: LightBlock, next: LightBlock): void {
    if (areBytesEqual(headerHash(crypto, known.header), headerHash(crypto, next.header))) return;
    throw refusal(primary, next.header.height, { code: 'invalid', message: 'another one is verified' });
  }

  let underWay: Promise<LightBlock> | null = null;

  /** The newest is fetched once for all who want it at a time. */
  function update(height?: bigint): Promise<LightBlock> {
    if (height !== undefined) return updateTo(height);
    underWay ??= updateTo().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  async function updateTo(height?: bigint): Promise<LightBlock> {
    const known = height === undefined ? undefined : verified.get(height);
    if (known !== undefined) return known;
    const target = await fetchFrom(primary, height ?? null);
    if (target.header.height <= latest.header.height && height === undefined) {
      if (comparison.height !== latest.header.height) await comparison.compare(latest);
      return latest;
    }
    await verify(target);
    await comparison.compare(target);
    // Another of this height may have been fetched and compared meanwhile.
    const meanwhile = verified.get(target.header.height);
    if (meanwhile !== undefined) refuseAnother(meanwhile, target);
    verified.set(target.header.height, target);
    if (target.header.height > latest.header.height) {
      latest = target;
      await store?.save(target, period.unbondingMs);
    }
    forgetMiddle();
    return target;
  }

  /** Keeps the first and the newest few, so that memory does not grow with the chain. */
  function forgetMiddle(): void {
    const heights = [...verified.keys()].sort((a, b) => (a < b ? -1 : 1));
    for (const height of heights.slice(1, -MAX_KEPT)) verified.delete(height);
  }

  return {
    get latest() {
      return latest;
    },
    get silentWitnesses() {
      return comparison.silent;
    },
    get unbondingMs() {
      return period.unbondingMs;
    },
    async bindTrust(unbondingMs) {
      period.bind(unbondingMs);
      refuseOld();
      await store?.save(latest, period.unbondingMs);
    },
    update,
    async holds({ key, height, value, proof }) {
      const { header } = await update(height + 1n);
      return verifyStateProof(crypto, header.appHash, key, value, stateProof.fromJson(proof));
    },
  };
}

/** Verified headers that are kept besides the first. */
const MAX_KEPT = 64;
