import { setImmediate } from 'node:timers/promises';
import {
  type AccountId,
  accountIdToAddress,
  addressToAccountId,
  areBytesEqual,
  bytesToHex,
  CairnError,
  type CancelSignal,
  CoreError,
  type Crypto,
  decode,
  hexToBytes,
  type Logger,
} from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import type { SilenceClaim } from '@cairn/mechanisms';
import {
  COUNTERSIGNED_PROTOCOL,
  type CountersignedReceipt,
  countersignedReceiptShape,
  decodeCountersignedFrame,
  encodeCountersignedFrame,
  type LedgerReader,
  MAX_WANTED_REQUESTS,
  type PeerName,
  type Timer,
  type Transport,
  verifyCountersigned,
} from '@cairn/protocol';
import { taskBodies } from '../validator/service-body.ts';
import { fetchOffers } from '../validator/subnet-view.ts';

export interface FindRefutedParts {
  readonly crypto: Crypto;
  readonly ledger: LedgerReader;
  readonly timer: Timer;
  readonly transport: Transport;
  readonly log: Logger;
}

export interface SilenceQuestion {
  /** Of the validator, which its weights revealed: requests follow from it. */
  readonly salt: Uint8Array;
  /** Claims of one validator. */
  readonly claims: readonly SilenceClaim[];
  /** What a miner's receipts in the same evidence say it served. */
  readonly artifactOf: (miner: AccountId) => Uint8Array | null;
}

/** Of claims of silence those that a countersigned receipt refutes: one for each miner, as that is enough. */
export type FindRefuted = (question: SilenceQuestion) => Promise<readonly SilenceClaim[]>;

/** Longest that a miner is waited for. Milliseconds. */
const MOST_WAIT_MS = 5_000;
/** Most miners asked: all that evidence can name. */
const MOST_MINERS = 256;

/**
 * Asks the miners that are said to have been silent, all at once, for a receipt that the validator has countersigned.
 * One that does not answer, or answers with anything else, changes nothing.
 *
 * Cost: a hash for each claim, one question of at most 17 KiB and one answer of at most 16 KiB for each miner.
 */
export function createRefutedFinder(parts: FindRefutedParts, signal?: CancelSignal): FindRefuted {
  const { crypto, ledger, log } = parts;
  const chainId = hexToBytes(ledger.chainId);

  return async ({ salt, claims, artifactOf }) => {
    const [first] = claims;
    if (first === undefined) return [];
    const key = await readKey(ledger, first.validator);
    if (key === null) return [];
    const offers = await fetchOffers(ledger);
    const byMiner = new Map<string, SilenceClaim[]>();
    for (const claim of claims) {
      const list = byMiner.get(bytesToHex(claim.miner));
      if (list !== undefined) list.push(claim);
      else if (byMiner.size < MOST_MINERS) byMiner.set(bytesToHex(claim.miner), [claim]);
    }
    const asked: Promise<SilenceClaim | null>[] = [];
    for (const list of byMiner.values()) {
      const { miner } = list[0]!;
      const offered = offers.filter(
        ({ provider, terms }) => areBytesEqual(provider, miner) && terms.netuid === first.netuid,
      );
      const [offer] = offered;
      if (offer === undefined) continue;
      const claimOf = requestsOf(crypto, salt, list, artifactsOf(offered, artifactOf(miner)));
      asked.push(askOne({ offer, claimOf, payer: first.validator, key }));
      await setImmediate();
    }
    return (await Promise.all(asked)).filter((claim) => claim !== null);
  };

  async function askOne({ offer, claimOf, payer, key }: Asked): Promise<SilenceClaim | null> {
    const { provider, terms } = offer;
    const found = await askPeer(parts, terms.peer, payer, [...claimOf.keys()].map(hexToBytes), signal);
    if (found === null) return null;
    const claim = claimOf.get(bytesToHex(found.signed.receipt.requestHash));
    if (claim !== undefined && verifyCountersigned(crypto, chainId, found, { provider, payer, keys: [key] }))
      return claim;
    log.debug('a miner showed a receipt that refutes nothing', { miner: accountIdToAddress(provider) });
    return null;
  }
}

interface Asked {
  readonly offer: Offer;
  readonly claimOf: ReadonlyMap<string, SilenceClaim>;
  readonly payer: AccountId;
  /** The key that speaks for it. */
  readonly key: AccountId;
}

/** The key that speaks for an account now: one given up earlier may be in other hands. */
async function readKey(ledger: LedgerReader, account: AccountId): Promise<AccountId | null> {
  const address = accountIdToAddress(account);
  const found = await ledger.query<{ readonly key: string } | null>('accounts_keys', { address });
  return found === null ? null : addressToAccountId(found.key);
}

/** What a miner may have been asked for: what it served then, and what it offers now. */
function artifactsOf(offered: readonly Offer[], served: Uint8Array | null): readonly Uint8Array[] {
  const all = [...(served === null ? [] : [served]), ...offered.map(({ terms }) => terms.artifact)];
  return all.filter((artifact, index) => all.findIndex((each) => areBytesEqual(each, artifact)) === index);
}

/** Hashes of the requests that would have been sent, in hex. */
function requestsOf(
  crypto: Crypto,
  validatorSalt: Uint8Array,
  claims: readonly SilenceClaim[],
  artifacts: readonly Uint8Array[],
): Map<string, SilenceClaim> {
  const requests = new Map<string, SilenceClaim>();
  for (const artifact of artifacts) {
    for (const claim of claims) {
      const place = { ...claim, taskIndex: claim.task.index };
      for (const body of taskBodies(crypto, validatorSalt, place, {
        request: claim.task.request,
        artifact,
      })) {
        if (requests.size >= MAX_WANTED_REQUESTS) return requests;
        requests.set(bytesToHex(crypto.sha256(body)), claim);
      }
    }
  }
  return requests;
}

/** Null for whatever is no countersigned receipt, and for a peer that does not answer in time. */
async function askPeer(
  { timer, transport, log }: FindRefutedParts,
  peer: PeerName,
  payer: AccountId,
  requests: readonly Uint8Array[],
  signal: CancelSignal | undefined,
): Promise<CountersignedReceipt | null> {
  const over = Promise.withResolvers<null>();
  const giveUp = () => over.resolve(null);
  const stop = timer.schedule(MOST_WAIT_MS, giveUp);
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted === true) giveUp();
  const dialled = transport.dial(peer, COUNTERSIGNED_PROTOCOL, signal === undefined ? {} : { signal });
  // Whatever comes of it, also when nobody waits any more.
  const close = () =>
    dialled.then(
      (stream) => stream.abort('nothing more is asked'),
      () => undefined,
    );
  const ask = async (): Promise<CountersignedReceipt | null> => {
    const stream = await dialled;
    await stream.write(encodeCountersignedFrame({ type: 'want', payer, requests }));
    await stream.closeWrite();
    const bytes = await stream.read();
    const frame = bytes === null ? null : decodeCountersignedFrame(bytes);
    return frame?.type === 'countersigned' ? decode(countersignedReceiptShape, frame.bytes) : null;
  };
  const answered = ask().catch((error: unknown) => {
    if (!(error instanceof CairnError || error instanceof CoreError)) throw error;
    log.debug('a miner could not be asked for a receipt', { peer, code: error.code });
    return null;
  });
  try {
    return await Promise.race([answered, over.promise]);
  } finally {
    stop();
    signal?.removeEventListener('abort', giveUp);
    void close();
  }
}
