import { CairnError } from '@cairn/core';

/** What can go wrong while models are fetched, loaded or run. Codes never change. */
export type EngineProblem =
  | { code: 'MODEL_FILE_MISSING'; path: string }
  | { code: 'MODEL_FILE_CORRUPT'; path: string; reason: string }
  | { code: 'MODEL_LOAD_FAILED'; path: string; reason: string }
  | { code: 'LOAD_CANCELLED'; path: string }
  | { code: 'MODEL_CLOSED' }
  | { code: 'CODE_REFUSED'; reason: string }
  | { code: 'SANDBOX_BUSY'; reason: string }
  | { code: 'IMAGE_REFUSED'; reason: string }
  | { code: 'CONTAINER_RUNTIME_MISSING'; said: readonly string[] }
  | { code: 'CONTAINER_FAILED'; what: string; reason: string }
  | { code: 'MODEL_SOURCE_UNKNOWN'; source: string; reason: string }
  | { code: 'ENGINE_UNAVAILABLE'; reason: string }
  | { code: 'ENGINE_PACKAGE_UNKNOWN'; kind: string; platform: string; arch: string }
  | { code: 'MEMORY_TOO_LOW'; neededBytes: number | null; freeBytes: number }
  | { code: 'CAPABILITY_MISSING'; capability: string }
  | { code: 'CONTEXT_TOO_SMALL'; promptTokens: number; contextTokens: number }
  | { code: 'REQUEST_MALFORMED'; field: string; reason: string }
  | { code: 'GENERATION_FAILED'; reason: string }
  | { code: 'SELF_TEST_FAILED'; expected: string; got: string }
  | { code: 'UPSTREAM_UNREACHABLE'; url: string; reason: string }
  | { code: 'UPSTREAM_TIMED_OUT'; url: string; afterMs: number }
  | { code: 'UPSTREAM_FAILED'; url: string; status: number | null; reason: string }
  | { code: 'UPSTREAM_MODEL_MISSING'; url: string; model: string; offered: readonly string[] }
  | { code: 'STREAM_CUT'; receivedBytes: number }
  | { code: 'DOWNLOAD_CUT'; url: string; doneBytes: number; totalBytes: number | null }
  | { code: 'DOWNLOAD_NOT_FOUND'; url: string }
  | { code: 'DOWNLOAD_REFUSED'; url: string; status: number }
  | { code: 'DOWNLOAD_UNREACHABLE'; url: string; reason: string }
  | { code: 'DOWNLOAD_HASH_MISMATCH'; url: string; expected: string; got: string }
  | { code: 'DOWNLOAD_CANCELLED'; url: string; doneBytes: number }
  | { code: 'DISK_FULL'; path: string; neededBytes: number; freeBytes: number | null }
  | { code: 'DISK_NOT_WRITABLE'; path: string; reason: string };

export class EngineError extends CairnError<EngineProblem> {
  override readonly name = 'EngineError';
}

/** The words of a thrown value that did not come from here. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
