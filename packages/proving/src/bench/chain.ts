import { loadavg } from 'node:os';
import { createNativeCrypto } from '@cairn/chain';
import type { Genesis } from '@cairn/ledger';
import type { ChainKind } from './chain/kinds.ts';
import { type BenchNetwork, benchValidators, startBenchNetwork } from './chain/network.ts';
import { type LoadResult, offerLoad } from './chain/offer-load.ts';
import { keyValues, signedTransfers, type TransactionSource } from './chain/source.ts';
import { createSender } from './transfers.ts';

export interface ChainBenchOptions {
  /** The CometBFT program. */
  readonly program: string;
  /** @default 4 */
  readonly validators?: number;
  /** Pause after each block, as a node has it. @default 1_000 */
  readonly blockIntervalMs?: number;
  /** Counted time of one offered load. @default 8 */
  readonly seconds?: number;
  readonly onProgress?: (what: string) => void;
}

export interface ChainKindResult {
  readonly kind: ChainKind;
  readonly sweep: readonly LoadResult[];
  /** Most that were committed in a second, over the sweep. */
  readonly maxPerSecond: number;
  /** At half of kvstore's most. */
  readonly atHalf: LoadResult;
}

export interface ChainBenchResult {
  readonly validators: number;
  readonly transactionBytes: number;
  readonly kinds: readonly ChainKindResult[];
  readonly ratioToKvstore: number;
  readonly ratioToKvstoreVerifying: number;
  readonly p99RatioToKvstore: number;
  /** Of one, five and fifteen minutes, before the first and after the last load. */
  readonly loadAverage: { readonly before: readonly number[]; readonly after: readonly number[] };
}

const FIRST_PER_SECOND = 500;
const STEP = 1.7;
const MOST_PER_SECOND = 20_000;
const WARM_UP_SECONDS = 3;
/** As many transfers are on their way at once as are offered in this time, and no more than wait on a node. */
const SENDERS_FOR_SECONDS = 4;
const MOST_SENDERS = 10_000;
/** A load of which less than this share is committed is too much; after two of those no more is tried. */
const KEPT_UP = 0.85;

/**
 * The same load on CometBFT's kvstore, on its work with signatures checked, and on the ledger: loads that rise until they
 * are not kept up with, then half of kvstore's most. All validators, and the load, share this machine.
 */
export async function benchChain(options: ChainBenchOptions): Promise<ChainBenchResult> {
  const { program, validators = 4, blockIntervalMs = 1_000, seconds = 8 } = options;
  const { onProgress = () => undefined } = options;
  const before = loadavg();
  const crypto = createNativeCrypto();
  const accounts = Array.from({ length: MOST_SENDERS }, (_, at) => createSender(crypto, `chain ${at}`));
  const genesis: Genesis = {
    name: 'cairn-bench',
    kind: 'local',
    timeMs: BigInt(Date.now()),
    salt: new Uint8Array(32),
    parameters: [],
    beacon: null,
    validators: benchValidators(validators),
    funds: accounts.map(({ account }) => ({ account, amount: 100_000_000_000n })),
  };
  const sample = signedTransfers(crypto, genesis, [createSender(crypto, 'sample')], 1).next()!;
  const transactionBytes = Buffer.from(sample.tx, 'base64').length;
  let runs = 0;

  /** As many senders as may have a transfer on its way, for the blocks of a load. */
  function sourceOf(kind: ChainKind, perSecond: number): TransactionSource {
    const senders = Math.min(MOST_SENDERS, Math.ceil(perSecond * SENDERS_FOR_SECONDS));
    if (kind === 'kvstore') return keyValues(transactionBytes, senders, `run${runs++}`);
    const blocks = Math.ceil(((seconds + WARM_UP_SECONDS) * 1_000) / blockIntervalMs) + 2;
    return signedTransfers(crypto, genesis, accounts.slice(0, senders), blocks);
  }

  /** One network for all loads, as long as it gets through what it was offered. */
  async function measure(kind: ChainKind, halfOf: number | null): Promise<ChainKindResult> {
    let network: BenchNetwork | null = null;
    const sweep: LoadResult[] = [];
    const load = async (perSecond: number): Promise<LoadResult> => {
      onProgress(`${kind}: ${Math.round(perSecond)} tx/s`);
      if (network === null) for (const account of accounts) account.nonce = 0n;
      network ??= await startBenchNetwork({ kind, validators, program, blockIntervalMs, genesis });
      const source = sourceOf(kind, perSecond);
      const result = await offerLoad(network, source, {
        ...{ perSecond, seconds },
        warmUpSeconds: WARM_UP_SECONDS,
      });
      source.end();
      onProgress(`${kind}: ${JSON.stringify(result)}`);
      if (result.left > 0) {
        await network[Symbol.asyncDispose]();
        network = null;
      }
      return result;
    };
    try {
      let failures = 0;
      for (let at = FIRST_PER_SECOND; at <= MOST_PER_SECOND && failures < 2; at *= STEP) {
        const result = await load(at);
        sweep.push(result);
        failures = result.committedPerSecond < at * KEPT_UP ? failures + 1 : 0;
      }
      const maxPerSecond = Math.max(...sweep.map(({ committedPerSecond }) => committedPerSecond));
      return { kind, sweep, maxPerSecond, atHalf: await load((halfOf ?? maxPerSecond) / 2) };
    } finally {
      await (network as BenchNetwork | null)?.[Symbol.asyncDispose]();
    }
  }

  const kvstore = await measure('kvstore', null);
  const verify = await measure('verify', kvstore.maxPerSecond);
  const cairn = await measure('cairn', kvstore.maxPerSecond);
  return {
    ...{ validators, transactionBytes },
    kinds: [cairn, kvstore, verify],
    ratioToKvstore: cairn.maxPerSecond / kvstore.maxPerSecond,
    ratioToKvstoreVerifying: cairn.maxPerSecond / verify.maxPerSecond,
    p99RatioToKvstore: cairn.atHalf.latencyMs.p99 / kvstore.atHalf.latencyMs.p99,
    loadAverage: { before, after: loadavg() },
  };
}
