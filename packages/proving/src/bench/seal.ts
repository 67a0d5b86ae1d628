import { createNativeCrypto, createNativeSealCrypto } from '@cairn/chain';
import { type Random, utf8ToBytes } from '@cairn/core';
import {
  createSealingKey,
  type DeltaFrame,
  decodeServerFrame,
  encodeFrame,
  encodeInferBody,
  GATHER_MS,
  type GenerateRequest,
  gatherDeltas,
  type InferBody,
  type LoadedModel,
  openRequest,
  SEAL_RANDOM_BYTES,
  type SealingPublicKeys,
  type ServerFrame,
  sealRequest,
  type Timer,
} from '@cairn/protocol';
import { type BenchFigure, figureOf } from './figure.ts';

export interface SealBenchParts {
  readonly random: Random;
  /** As a provider's: what comes within a moment travels as one piece. */
  readonly timer: Timer;
  /** A real model: what a stream costs without sealing. */
  readonly model: LoadedModel;
}

export interface SealBenchOptions {
  readonly question: string;
  /** Answers of one run. @default 64 */
  readonly answers?: number;
  /** Pairs of runs, one in clear and one sealed. @default 15 */
  readonly pairs?: number;
  /** Requests whose sealing is timed together. @default 50 */
  readonly requests?: number;
}

const REQUEST_CEILING_MS = 1;
const STREAM_CEILING_PERCENT = 5;
/** Characters of the request that is sealed: a long chat. */
const PROMPT_CHARACTERS = 4_000;
/** Pieces of the stream that has no model behind it. */
const PIECES = 2_000;

/** Tokens of a piece at most, as of a provider that trusts its payer with 64. */
const MOST_GATHERED = 16;

/** The last frame of a stream, which leaves the sealing of the pieces before it open. */
const LAST = new Uint8Array(0);

/**
 * What sealing adds, in processor time, which other load does not stretch: to a request, both ends together, and to
 * a stream of a real model. Clear and sealed runs take turns, and each pair gives one ratio.
 */
export async function benchSeal(parts: SealBenchParts, options: SealBenchOptions): Promise<BenchFigure[]> {
  const { pairs = 15 } = options;
  const bench = createSealBench(parts);
  const figures: BenchFigure[] = [];
  for (const suite of ['x25519', 'x-wing'] as const) {
    const keys = suite === 'x-wing' ? bench.keys : { ...bench.keys, xWing: new Uint8Array(0) };
    const { requests = 50 } = options;
    // As a process that has run for a while: compiled.
    bench.timeRequests(keys, 20 * requests);
    const times = Array.from({ length: pairs }, () => bench.timeRequests(keys, requests));
    figures.push(figureOf(`a request sealed by ${suite}, both ends`, 'CPU ms', times, REQUEST_CEILING_MS));
  }
  const { answers = 64, question } = options;
  await bench.timeStreams(question, 2, true);
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    let [clear, sealed] = [0, 0];
    // Answer by answer, so that a processor that slows down does so for both; which comes first changes.
    for (let answer = 0; answer < answers; answer++) {
      const isSealedFirst = answer % 2 === 1;
      for (const isSealed of [isSealedFirst, !isSealedFirst]) {
        const ms = await bench.timeStreams(question, 1, isSealed);
        if (isSealed) sealed += ms;
        else clear += ms;
      }
    }
    ratios.push(100 * (sealed / clear - 1));
  }
  const pieces = Array.from({ length: pairs }, () => bench.timePieces(true) - bench.timePieces(false));
  return [
    ...figures,
    figureOf('a stream of the model, more when sealed', '% CPU', ratios, STREAM_CEILING_PERCENT),
    figureOf('a piece of a stream, both ends', 'CPU µs', pieces),
  ];
}

/** One provider and one payer without a network between them. */
function createSealBench({ random, timer, model }: SealBenchParts) {
  const sealing = createNativeSealCrypto();
  const { sha256 } = createNativeCrypto();
  const key = createSealingKey(sealing, random.bytes(32));
  const some = sha256(utf8ToBytes('some'));
  const bodyOf = (content: string): Uint8Array => {
    const body: InferBody = {
      artifact: some,
      endpoint: 'chat',
      prompt: { kind: 'chat', messages: [{ role: 'user', content }] },
      params: { maxTokens: 64, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 0 },
      salt: random.bytes(16),
    };
    return encodeInferBody(body);
  };

  function exchange(keys: SealingPublicKeys, body: Uint8Array) {
    const requestHash = sha256(body);
    const binding = { chainId: some, provider: some, channel: some, requestHash, artifact: some };
    const request = sealRequest(sealing, keys, binding, body, random.bytes(SEAL_RANDOM_BYTES));
    const opened = openRequest(sealing, [key], binding, request.bytes);
    return { opener: request.opener, sealer: opened.sealer(random.bytes(32)) };
  }

  /** A frame from one end to the other. */
  function carrier(isSealed: boolean): (frame: ServerFrame) => void {
    if (!isSealed) return (frame) => void decodeServerFrame(encodeFrame(frame));
    const { opener, sealer } = exchange(key.public, bodyOf('?'));
    return (frame) => void decodeServerFrame(opener.open(sealer.seal(encodeFrame(frame), false)));
  }

  return {
    keys: key.public,
    /** Milliseconds of a request. */
    timeRequests(keys: SealingPublicKeys, count: number): number {
      const body = bodyOf('x'.repeat(PROMPT_CHARACTERS));
      const start = process.cpuUsage();
      for (let request = 0; request < count; request++) {
        const { opener, sealer } = exchange(keys, body);
        opener.open(sealer.seal(LAST, true));
      }
      return cpuMs(start) / count;
    },
    /** Milliseconds of all streams. */
    async timeStreams(content: string, count: number, isSealed: boolean): Promise<number> {
      // What the request costs is a figure of its own.
      const carriers = Array.from({ length: count }, () => carrier(isSealed));
      const start = process.cpuUsage();
      for (const carry of carriers) {
        const prompt = { kind: 'chat' as const, messages: [{ role: 'user' as const, content }] };
        const request = { prompt, maxTokens: 64, temperature: 0, topP: 1, stop: [], topLogprobs: 0 };
        const gathering = { timer, windowMs: GATHER_MS, mostTokens: MOST_GATHERED };
        for await (const frame of gatherDeltas(deltasOf(model, request), gathering)) carry(frame);
      }
      return cpuMs(start);
    },
    /** Microseconds of a piece without a model. */
    timePieces(isSealed: boolean): number {
      const carry = carrier(isSealed);
      const frame = deltaOf({ text: ' word', tokenIds: [1_234], logprobs: null });
      const start = process.cpuUsage();
      for (let piece = 0; piece < PIECES; piece++) carry(frame);
      return (1_000 * cpuMs(start)) / PIECES;
    },
  };
}

async function* deltasOf(model: LoadedModel, request: GenerateRequest): AsyncGenerator<DeltaFrame, void> {
  for await (const event of model.generate(request)) if (event.type === 'delta') yield deltaOf(event);
}

function deltaOf({ text, tokenIds, logprobs }: Omit<DeltaFrame, 'type' | 'tokens'>): DeltaFrame {
  return { type: 'delta', text, tokens: tokenIds?.length ?? 1, tokenIds, logprobs };
}

function cpuMs(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}
