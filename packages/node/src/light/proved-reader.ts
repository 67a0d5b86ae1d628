import type { Clock, Crypto, Logger } from '@cairn/core';
import { consensusChainId, headerHash, type LedgerReader, type Timer } from '@cairn/protocol';
import {
  createRpcLightSource,
  type LightClient,
  type LightStore,
  openLightClient,
  readProved,
  SdkError,
  trustingPeriodOf,
} from '@cairn/sdk';
import { loadKeptTrust, openTrustStore } from './kept-trust.ts';

/** Reads what the votes for a header prove. */
export interface ProvedReader {
  /** The value of a state key; null: that there is none is proved too. @throws SdkError `LIGHT_…` */
  read(key: string): Promise<Uint8Array | null>;
}

export interface ProvedReaderParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly log: Logger;
  /** A node that nobody has to believe. */
  readonly ledger: Pick<LedgerReader, 'lightBlock' | 'proof'>;
}

export interface ProvedReaderOptions {
  /** The data folder, which keeps what was verified. */
  readonly folder: string;
  readonly chainId: Uint8Array;
  /** Of the node, for messages. */
  readonly source: string;
}

const DAY_MS = 86_400_000;
/** What is trusted stays young although nobody asks. */
const REFRESH_MS = DAY_MS / 4;
/** A header that is a little older does as well after a restart, and each one that is kept waits for the disk. */
const KEEP_EVERY_MS = 600_000;

/**
 * Follows the chain from the header that was verified last, and from the newest one that the node shows when it is
 * asked for the first time: whoever joins by a liar is deceived, whoever joined before it lied is not.
 *
 * Where stake is unbonding for less than a day and a half, which is so on local networks only, votes stand for
 * nothing after that. There the node is believed anew.
 *
 * @throws SdkError `LIGHT_EXPIRED` when what was verified is too old to go on from, `LIGHT_…`; NodeError
 * `DATA_FOLDER_MALFORMED`
 */
export async function openProvedReader(
  parts: ProvedReaderParts,
  { folder, chainId, source: name }: ProvedReaderOptions,
): Promise<ProvedReader & Disposable> {
  const { crypto, clock, timer, log } = parts;
  const source = createRpcLightSource(parts.ledger, name);
  const chain = consensusChainId(chainId);
  let client = await goOn();
  let stop = timer.schedule(REFRESH_MS, refresh);
  let isStopped = false;

  async function goOn(): Promise<LightClient> {
    const kept = await loadKeptTrust(folder, chain);
    if (kept === null) return begin();
    const { block, unbondingMs } = kept;
    const trusted = { height: block.header.height, hash: headerHash(crypto, block.header) };
    const store = keptSeldom(openTrustStore(folder, kept), clock);
    try {
      return await openLightClient(
        { crypto, clock, primary: source, store },
        { trusted, chainId: chain, unbondingMs },
      );
    } catch (error) {
      if (!isExpired(error) || !isShort(unbondingMs)) throw error;
      return begin();
    }
  }

  async function begin(): Promise<LightClient> {
    const newest = await source.lightBlock(null);
    if (newest === null) {
      throw new SdkError(
        { code: 'LIGHT_HEADER_UNKNOWN', source: name, height: 'newest' },
        `${name} has no block yet. Try again in a moment.`,
      );
    }
    const trusted = { height: newest.header.height, hash: headerHash(crypto, newest.header) };
    const store = keptSeldom(openTrustStore(folder, null), clock);
    return openLightClient({ crypto, clock, primary: source, store }, { trusted, chainId: chain });
  }

  async function refresh(): Promise<void> {
    try {
      await client.update();
    } catch (error) {
      if (!isExpired(error) || !isShort(client.unbondingMs))
        log.warn('the chain could not be verified', { reason: String(error) });
    }
    if (!isStopped) stop = timer.schedule(REFRESH_MS, refresh);
  }

  return {
    async read(key) {
      const used = client;
      try {
        return (await readProved({ client: used, source, clock }, key)).value;
      } catch (error) {
        if (!isExpired(error) || !isShort(used.unbondingMs)) throw error;
        if (client === used) client = await begin();
        return (await readProved({ client, source, clock }, key)).value;
      }
    },
    [Symbol.dispose]() {
      isStopped = true;
      stop();
    },
  };
}

function isExpired(error: unknown): boolean {
  return error instanceof SdkError && error.code === 'LIGHT_EXPIRED';
}

function isShort(unbondingMs: number | null): boolean {
  return unbondingMs !== null && trustingPeriodOf(unbondingMs, false) < DAY_MS;
}

/** Keeps the first header that it may, and then one every ten minutes. */
function keptSeldom(store: LightStore, clock: Clock): LightStore {
  let lastMs: number | null = null;
  return {
    load: () => store.load(),
    async save(block, unbondingMs) {
      if (unbondingMs === null) return;
      if (lastMs !== null && clock.nowMs() - lastMs < KEEP_EVERY_MS) return;
      lastMs = clock.nowMs();
      await store.save(block, unbondingMs);
    },
  };
}
