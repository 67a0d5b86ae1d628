import { EngineError } from '../errors.ts';
import type { HttpParts } from './http.ts';
import { listUpstreamModels, type UpstreamKind, type UpstreamModel } from './list-models.ts';

export interface UpstreamServer {
  readonly kind: UpstreamKind;
  readonly baseUrl: string;
  readonly models: readonly UpstreamModel[];
}

export interface Candidate {
  readonly baseUrl: string;
  readonly kind: UpstreamKind;
}

/** Where local model servers listen unless told otherwise. */
export const USUAL_SERVERS: readonly Candidate[] = [
  { baseUrl: 'http://127.0.0.1:11434', kind: 'ollama' },
  { baseUrl: 'http://127.0.0.1:8000', kind: 'openai' },
  { baseUrl: 'http://127.0.0.1:1234', kind: 'openai' },
  { baseUrl: 'http://127.0.0.1:8080', kind: 'openai' },
];

/** Looks for model servers; one that is absent, or something else, is left out. */
export async function discoverUpstreams(
  parts: HttpParts,
  candidates: readonly Candidate[] = USUAL_SERVERS,
  timeoutMs = 1000,
): Promise<readonly UpstreamServer[]> {
  const limits = { firstByteMs: timeoutMs, idleMs: timeoutMs, maxBytes: 4 * 1024 * 1024 };
  const found = await Promise.all(
    candidates.map(async (candidate) => {
      try {
        return [{ baseUrl: candidate.baseUrl, ...(await listUpstreamModels(parts, candidate, limits)) }];
      } catch (error) {
        // Nothing listens there, or it is not a model server: that is the answer to the question.
        if (error instanceof EngineError) return [];
        throw error;
      }
    }),
  );
  return found.flat();
}
