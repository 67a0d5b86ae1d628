/** How many of the likeliest tokens take part in sampling. What lies beyond is never drawn. */
export const SAMPLED_CANDIDATES = 512;

export interface SamplingOptions {
  /** Above 0. */
  readonly temperature: number;
  /** In (0, 1]. */
  readonly topP: number;
  /** Unsigned 32 bit. */
  readonly seed: number;
  /** Index of the token in the whole sequence, prompt included. */
  readonly position: number;
}

/**
 * Draws one token. The noise depends only on seed, position and token id, so an answer that is continued
 * from its own token ids goes on as it would have without the break.
 *
 * Gumbel-max: argmax of logit/temperature + noise over the nucleus is a draw from the softmax over it.
 *
 * @param candidates logits by token id, likeliest first.
 */
export function sampleToken(candidates: ReadonlyMap<number, number>, options: SamplingOptions): number {
  let best = -1;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const [tokenId, logit] of nucleus(candidates, options)) {
    const score = logit / options.temperature + gumbel(options.seed, options.position, tokenId);
    if (score > bestScore) {
      best = tokenId;
      bestScore = score;
    }
  }
  return best;
}

/** A draw seen from the token that another engine is said to have drawn. */
export interface ComparedDraw {
  readonly pick: number;
  /** How far the pick is ahead of that token, in nats of the logits; infinite when it is no candidate. */
  readonly margin: number;
}

/**
 * Draws as `sampleToken` does, and tells how much the logits would have to differ for `tokenId` to be drawn: by its
 * noisy score, and by the logit that keeps it out of the nucleus.
 */
export function compareDraw(
  candidates: ReadonlyMap<number, number>,
  tokenId: number,
  options: SamplingOptions,
): ComparedDraw {
  const pick = sampleToken(candidates, options);
  const logit = candidates.get(tokenId);
  if (pick === tokenId) return { pick, margin: 0 };
  if (logit === undefined) return { pick, margin: Number.POSITIVE_INFINITY };
  const { temperature, seed, position } = options;
  const noisy = (id: number) => candidates.get(id)! + temperature * gumbel(seed, position, id);
  const least = nucleus(candidates, options).at(-1)?.[1] ?? logit;
  return { pick, margin: Math.max(0, noisy(pick) - noisy(tokenId), least - logit) };
}

/** The likeliest tokens whose probabilities at this temperature together reach `topP`. */
function nucleus(candidates: ReadonlyMap<number, number>, options: SamplingOptions): [number, number][] {
  const entries = [...candidates];
  const top = entries[0]?.[1] ?? 0;
  const weights = entries.map(([, logit]) => Math.exp((logit - top) / options.temperature));
  const bound = options.topP * weights.reduce((sum, weight) => sum + weight, 0);
  let reached = 0;
  const count = weights.findIndex((weight) => {
    reached += weight;
    return reached >= bound;
  });
  return count < 0 ? entries : entries.slice(0, count + 1);
}

function gumbel(seed: number, position: number, tokenId: number): number {
  const hash = mix(mix(mix(seed ^ 0x9e3779b9) ^ position) ^ tokenId);
  const uniform = (hash + 0.5) / 4294967296;
  return -Math.log(-Math.log(uniform));
}

/** The 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain): every input bit moves every output bit. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
