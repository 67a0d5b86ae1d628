import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchFigure, figureOf } from './figure.ts';
import { type BenchChild, startBenchChild } from './gateway/child.ts';
import { type LoadTarget, sendLoad } from './gateway/load.ts';
import { type PortkeyRun, startPortkey } from './gateway/portkey.ts';

export interface GatewayBenchOptions {
  /** Module of a process that takes `{socket}` and serves paid answers on that socket. */
  readonly provider: URL;
  /** Module of a process that takes `{socket, records}` and is a gateway that asks the provider. */
  readonly gateway: URL;
  /** Folder where `@portkey-ai/gateway` is installed. @default it is not compared */
  readonly portkey?: string;
  /** Pairs of runs of each figure. @default 5 */
  readonly rounds?: number;
  /** Requests of a run at one at once; more at more. @default 100 */
  readonly requests?: number;
  /** Requests before a figure is taken. @default 300 */
  readonly warmUp?: number;
  /** Also a day of load, compressed, for memory. */
  readonly day?: boolean;
  readonly onProgress?: (line: string) => void;
}

export interface GatewayBenchResult {
  readonly figures: readonly BenchFigure[];
  /** What was not measured, and why; what was measured, and on what. */
  readonly notes: readonly string[];
}

const CONCURRENCIES = [1, 16, 64] as const;
const RATIO_CEILING = 2;
const ADDED_MS_CEILING = 1;
const PORTKEY_FLOOR = 4;
/** A day at one request every two seconds. */
const DAY_REQUESTS = 43_200;
const DAY_PARTS = 8;
/** Growth of the heap over a day that the books of recent requests may make, in MiB. */
const HEAP_CEILING_MIB = 16;

const sibling = (name: string): URL =>
  new URL(`./gateway/${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

interface Subject {
  readonly child: BenchChild;
  readonly target: LoadTarget;
}

/**
 * What the gateway's process costs beside the smallest proxy, both with an upstream in a process of its own that
 * answers at once. Runs of the two take turns. Processor time is what other load does not stretch; wall times are.
 */
export async function benchGateway(options: GatewayBenchOptions): Promise<GatewayBenchResult> {
  const { rounds = 5, requests = 100, warmUp = 300, onProgress = () => undefined } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'cairn-gateway-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const start = async (entry: URL, given: object) => stack.use(await startBenchChild(entry, given));

  const socket = join(folder, 'provider.sock');
  await start(options.provider, { socket });
  const gateway = subjectOf(await start(options.gateway, { socket, records: join(folder, 'gateway') }));
  const upstream = await start(sibling('upstream-child'), {});
  const proxy = subjectOf(await start(sibling('proxy-child'), { port: upstream.ready }));
  const figures: BenchFigure[] = [];
  const notes = [
    `Upstreams are processes of their own: a provider with vouchers and receipts, its books in memory, behind a socket without encryption for the gateway, whose own books are on disk; an HTTP server for the proxy.`,
    `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)} when it began; CPU figures are of the process named alone.`,
  ];
  for (const isStream of [false, true]) {
    const what = isStream ? 'SSE of 50' : 'JSON';
    for (const subject of [gateway, proxy]) await run(subject, isStream, warmUp, 16);
    for (const concurrency of CONCURRENCIES) {
      onProgress(`${what}, ${concurrency} at once`);
      const count = concurrency === 1 ? requests : requests * 2;
      const pairs = await inTurns(gateway, proxy, rounds, (subject) =>
        run(subject, isStream, count, concurrency),
      );
      const at = `${what}, ${concurrency} at once`;
      figures.push(
        figureOf(
          `${at}: gateway`,
          'CPU ms',
          pairs.map(([one]) => one.cpuMs),
        ),
        figureOf(
          `${at}: proxy`,
          'CPU ms',
          pairs.map(([, other]) => other.cpuMs),
        ),
        figureOf(
          `${at}: ratio`,
          '×',
          pairs.map(([one, other]) => one.cpuMs / other.cpuMs),
          RATIO_CEILING,
        ),
      );
      if (concurrency === 1 && isStream) {
        const added = pairs.map(([one, other]) => one.firstMs - other.firstMs);
        figures.push(figureOf('first token, added', 'ms', added, ADDED_MS_CEILING));
      }
    }
  }
  const portkey = await startPortkey(options.portkey, upstream.ready as number);
  if (typeof portkey === 'string') notes.push(portkey);
  else {
    stack.use(portkey);
    notes.push(portkey.note);
    figures.push(...(await comparePortkey(gateway, portkey, { rounds, requests, onProgress })));
  }
  if (options.day === true) figures.push(...(await measureDay(gateway, onProgress)));
  return { figures, notes };
}

function subjectOf(child: BenchChild): Subject {
  return { child, target: { port: child.ready as number } };
}

/** CPU of one request, and the median time to its first byte. */
async function run({ child, target }: Subject, isStream: boolean, count: number, concurrency: number) {
  const before = await child.cpuMs();
  const { firstByteMs } = await sendLoad(target, { isStream, count, concurrency });
  const cpuMs = ((await child.cpuMs()) - before) / count;
  return { cpuMs, firstMs: figureOf('', '', firstByteMs).value };
}

/** Which comes first changes, so that neither gains by its place. */
async function inTurns<T, S>(one: S, other: S, rounds: number, measure: (subject: S) => Promise<T>) {
  const pairs: [T, T][] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) pairs.push([await measure(one), await measure(other)]);
    else {
      const second = await measure(other);
      pairs.push([await measure(one), second]);
    }
  }
  return pairs;
}

async function comparePortkey(
  gateway: Subject,
  portkey: PortkeyRun,
  { rounds, requests, onProgress }: { rounds: number; requests: number; onProgress: (line: string) => void },
): Promise<BenchFigure[]> {
  const figures: BenchFigure[] = [];
  const perSecond = async (target: LoadTarget, isStream: boolean, concurrency: number) => {
    const { tookMs } = await sendLoad(target, { isStream, count: requests, concurrency });
    return (1_000 * requests) / tookMs;
  };
  for (const isStream of [false, true]) {
    await perSecond(portkey.target, isStream, 16);
    for (const concurrency of CONCURRENCIES) {
      const at = `${isStream ? 'SSE of 50' : 'JSON'}, ${concurrency} at once`;
      onProgress(`${at}, beside @portkey-ai/gateway`);
      const pairs = await inTurns(gateway.target, portkey.target, rounds, (target) =>
        perSecond(target, isStream, concurrency),
      );
      figures.push(
        figureOf(
          `${at}: gateway`,
          'requests/s',
          pairs.map(([one]) => one),
        ),
        figureOf(
          `${at}: @portkey-ai/gateway`,
          'requests/s',
          pairs.map(([, other]) => other),
        ),
        figureOf(
          `${at}: times @portkey-ai/gateway`,
          '×/s',
          pairs.map(([one, other]) => one / other),
          PORTKEY_FLOOR,
        ),
      );
    }
  }
  return figures;
}

/** Requests of a day, a tenth of them streams; the heap after each eighth, once the first has filled the books. */
async function measureDay(
  { child, target }: Subject,
  onProgress: (line: string) => void,
): Promise<BenchFigure[]> {
  const heaps: number[] = [];
  for (let part = 1; part <= DAY_PARTS; part++) {
    onProgress(`a day of load, ${part} of ${DAY_PARTS} parts`);
    const count = DAY_REQUESTS / DAY_PARTS;
    await sendLoad(target, { isStream: true, count: count / 10, concurrency: 16 });
    await sendLoad(target, { isStream: false, count: (count * 9) / 10, concurrency: 16 });
    heaps.push((await child.heapBytes()) / 2 ** 20);
  }
  const growth = heaps.at(-1)! - heaps[1]!;
  return [
    figureOf('heap of the gateway over a day', 'MiB', heaps),
    figureOf(
      `heap growth over ${DAY_REQUESTS} requests, after the first quarter`,
      'MiB',
      [growth],
      HEAP_CEILING_MIB,
    ),
  ];
}
