import type { Clock, Crypto, Logger } from '@cairn/core';
import { consensusChainId, headerHash, type LedgerReader, type Timer } from '@cairn/protocol';
import {
  createRpcLightSource,
  type LightClient,
  type LightStore,
  openLightClient,
  parameterStateKey,
  readProved,
  SdkError,
  trustingPeriodOf,
} from '@cairn/sdk';
import { type KeptTrust, loadKeptTrust, openTrustStore } from './kept-trust.ts';

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
/** Where trust lasts for seconds it may be over between two questions; each time is asked again. */
const MOST_TRIES = 6;
/** Any entry does to learn, with its proof, how long stake is unbonding. */
const PROBE = parameterStateKey('slotMs');

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
  { crypto, clock, timer, log, ledger }: ProvedReaderParts,
  { folder, chainId, source: name }: ProvedReaderOptions,
): Promise<ProvedReader & Disposable> {
  const source = createRpcLightSource(ledger, name);
  const chain = consensusChainId(chainId);
  const kept = await loadKeptTrust(folder, chain);
  const save = keepSeldom(openTrustStore(folder, kept), clock);
  let client = kept === null ? await begin() : await goOn(kept);
  await read(PROBE);
  let isStopped = false;
  let stop = timer.schedule(REFRESH_MS, refresh);

  async function goOn({ block, unbondingMs }: KeptTrust): Promise<LightClient> {
    const trusted = { height: block.header.height, hash: headerHash(crypto, block.header) };
    try {
      return await openLightClient(
        { crypto, clock, primary: source, store: { load: async () => block, save } },
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
    return openLightClient(
      { crypto, clock, primary: source, store: { load: async () => null, save } },
      { trusted, chainId: chain },
    );
  }

  async function read(key: string): Promise<Uint8Array | null> {
    for (let tries = 1; ; tries++) {
      const used = client;
      const isBound = used.unbondingMs !== null;
      try {
        return (await readProved({ client: used, source, clock }, key)).value;
      } catch (error) {
        if (!isExpired(error) || !isShort(used.unbondingMs) || tries === MOST_TRIES) throw error;
        // One that has only now learnt how short trust lasts is asked once more: its header is the newest.
        if (isBound && client === used) client = await begin();
      }
    }
  }

  async function refresh(): Promise<void> {
    try {
      await read(PROBE);
    } catch (error) {
      log.warn('the chain could not be verified', { reason: String(error) });
    }
    if (!isStopped) stop = timer.schedule(REFRESH_MS, refresh);
  }

  return {
    read,
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
function keepSeldom(store: LightStore, clock: Clock): LightStore['save'] {
  let lastMs: number | null = null;
  return async (block, unbondingMs) => {
    if (unbondingMs === null) return;
    if (lastMs !== null && clock.nowMs() - lastMs < KEEP_EVERY_MS) return;
    lastMs = clock.nowMs();
    await store.save(block, unbondingMs);
  };
}
