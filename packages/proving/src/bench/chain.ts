import { loadavg } from 'node:os';
import { createNativeCrypto } from '@cairn/chain';
import type { Genesis } from '@cairn/ledger';
import { CHAIN_KINDS, type ChainKind } from './chain/kinds.ts';
import { benchValidators, startBenchNetwork } from './chain/network.ts';
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

const FIRST_PER_SECOND = 250;
const STEP = 1.5;
const MOST_PER_SECOND = 20_000;
const WARM_UP_SECONDS = 3;
/** As many transfers are on their way at once as are offered in this time, and no more than wait on a node. */
const SENDERS_FOR_SECONDS = 4;
const MOST_SENDERS = 10_000;
/** A load of which less than this share is committed is too much; after two of those no more is tried. */
const KEPT_UP = 0.85;

/**
 * The same load on the ledger, on CometBFT's kvstore, and on kvstore's work with signatures checked: loads that rise
 * until they are not kept up with, then half of kvstore's most on each. All validators, and the load, share this machine.
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
    validators: benchValidators(validators),
    funds: accounts.map(({ account }) => ({ account, amount: 100_000_000_000n })),
  };
  let runs = 0;
  let transactionBytes = 0;

  /** As many senders as may have a transfer on its way, for the blocks of a load. */
  function sourceOf(kind: ChainKind, perSecond: number): TransactionSource {
    const senders = Math.min(MOST_SENDERS, Math.ceil(perSecond * SENDERS_FOR_SECONDS));
    if (kind === 'kvstore') return keyValues(transactionBytes, senders, `run${runs++}`);
    for (const account of accounts) account.nonce = 0n;
    const blocks = Math.ceil(((seconds + WARM_UP_SECONDS) * 1_000) / blockIntervalMs) + 2;
    return signedTransfers(crypto, genesis, accounts.slice(0, senders), blocks);
  }

  async function load(kind: ChainKind, perSecond: number): Promise<LoadResult> {
    onProgress(`${kind}: signing and starting for ${Math.round(perSecond)} tx/s`);
    const source = sourceOf(kind, perSecond);
    await using network = await startBenchNetwork({ kind, validators, program, blockIntervalMs, genesis });
    const result = await offerLoad(network, source, {
      ...{ perSecond, seconds },
      warmUpSeconds: WARM_UP_SECONDS,
    });
    onProgress(`${kind}: ${JSON.stringify(result)}`);
    return result;
  }

  /** All kinds at one load before the next, so that what else this machine does falls on all of them. */
  async function sweep(): Promise<Map<ChainKind, LoadResult[]>> {
    const results = new Map(CHAIN_KINDS.map((kind) => [kind, [] as LoadResult[]]));
    const failures = new Map<ChainKind, number>();
    for (let at = FIRST_PER_SECOND; at <= MOST_PER_SECOND; at *= STEP) {
      const rising = CHAIN_KINDS.filter((kind) => (failures.get(kind) ?? 0) < 2);
      if (rising.length === 0) break;
      for (const kind of rising) {
        const result = await load(kind, at);
        results.get(kind)!.push(result);
        const keepsUp = result.committedPerSecond >= at * KEPT_UP;
        failures.set(kind, keepsUp ? 0 : (failures.get(kind) ?? 0) + 1);
      }
    }
    return results;
  }

  transactionBytes = Buffer.from(sizeSample(crypto, genesis, accounts.slice(0, 2)), 'base64').length;
  const sweeps = await sweep();
  const most = (kind: ChainKind) =>
    Math.max(...sweeps.get(kind)!.map(({ committedPerSecond }) => committedPerSecond));
  const half = most('kvstore') / 2;
  const kinds: ChainKindResult[] = [];
  for (const kind of CHAIN_KINDS) {
    kinds.push({
      ...{ kind, maxPerSecond: most(kind) },
      sweep: sweeps.get(kind)!,
      atHalf: await load(kind, half),
    });
  }
  const [cairn, kvstore] = kinds as [ChainKindResult, ChainKindResult];
  return {
    ...{ validators, transactionBytes, kinds },
    ratioToKvstore: most('cairn') / most('kvstore'),
    ratioToKvstoreVerifying: most('cairn') / most('verify'),
    p99RatioToKvstore: cairn.atHalf.latencyMs.p99 / kvstore.atHalf.latencyMs.p99,
    loadAverage: { before, after: loadavg() },
  };
}

function sizeSample(
  crypto: ReturnType<typeof createNativeCrypto>,
  genesis: Genesis,
  senders: Parameters<typeof signedTransfers>[2],
): string {
  return signedTransfers(crypto, genesis, senders, 1).next()!.tx;
}
