import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { concatBytes, hexToBytes, utf8ToBytes } from '@cairn/core';
import {
  createUpstreamEngine,
  type DownloadProgress,
  digestFile,
  parseModelSource,
  readGgufFile,
  type UpstreamKind,
} from '@cairn/engines';
import type { Artifact } from '@cairn/ledger';
import type { InferenceEngine, ModelFile } from '@cairn/protocol';
import type { NodeParts } from '../roles/parts.ts';
import { downloadOnce } from './download-once.ts';

/** A model ready to be loaded, and how the registry names it. */
export interface ResolvedModel {
  readonly file: ModelFile;
  /** Null: llama.cpp of this process. */
  readonly engine: InferenceEngine | null;
  readonly artifact: Artifact;
  /** Second half of `owner/model`. */
  readonly shortName: string;
  readonly parameters: bigint;
  readonly licence: string;
}

export interface ResolveParts extends Pick<NodeParts, 'crypto' | 'clock' | 'log'> {
  /** Where downloads are kept. */
  readonly folder: string;
  readonly ollamaUrl: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/**
 * Finds a model by what a person calls it: a path, an https URL, `hf:owner/repo/file.gguf` or `ollama:name`.
 * Downloads what is not here yet, as it was when it came: a file that changed at its address is not fetched again.
 *
 * @throws EngineError that says what is wrong with the source, the download or the file
 */
export async function resolveModel(parts: ResolveParts, source: string): Promise<ResolvedModel> {
  const parsed = parseModelSource(source, process.cwd());
  if (parsed.kind === 'ollama')
    return nameUpstream(parts, { kind: 'ollama', url: parts.ollamaUrl, model: parsed.model });
  if (parsed.kind === 'file') return resolveGguf(parsed.path);
  await mkdir(parts.folder, { recursive: true, mode: 0o700 });
  const path = join(parts.folder, parsed.fileName);
  const options = {
    url: parsed.url,
    path,
    ...(parts.onProgress === undefined ? {} : { onProgress: parts.onProgress }),
  };
  await downloadOnce({ clock: parts.clock }, options);
  return resolveGguf(path);
}

async function resolveGguf(path: string): Promise<ResolvedModel> {
  const header = await readGgufFile(path);
  const digest = await digestFile(path);
  return {
    file: { location: path, format: 'gguf' },
    engine: null,
    artifact: {
      path: basename(path),
      format: 'gguf',
      quantisation: header.quantisation ?? 'unknown',
      sizeBytes: BigInt(digest.sizeBytes),
      sha256: hexToBytes(digest.sha256),
      merkleRoot: hexToBytes(digest.merkleRoot),
    },
    shortName: toShortName(basename(path).replace(/\.gguf$/i, '')),
    parameters: BigInt(header.parameters),
    licence: 'LicenseRef-unknown',
  };
}

/** A model behind an HTTP server of this machine. */
export interface UpstreamModelSource {
  readonly kind: UpstreamKind;
  readonly url: string;
  /** As the server calls it. */
  readonly model: string;
  /** The GGUF file that it serves: then the artifact is that file. */
  readonly path?: string;
}

/** @throws EngineError when the file cannot be read */
export async function resolveUpstream(
  parts: Pick<ResolveParts, 'crypto' | 'clock' | 'log'>,
  { kind, url, model, path }: UpstreamModelSource,
): Promise<ResolvedModel> {
  const named = nameUpstream(parts, { kind, url, model });
  if (path === undefined) return named;
  return { ...(await resolveGguf(path)), file: named.file, engine: named.engine };
}

/** An upstream's model has no bytes that anyone could check: its artifact is the hash of its name. */
function nameUpstream(
  { crypto, clock, log }: Pick<ResolveParts, 'crypto' | 'clock' | 'log'>,
  { kind, url, model }: UpstreamModelSource,
): ResolvedModel {
  const name = crypto.sha256(concatBytes(utf8ToBytes('cairn/upstream/v1'), utf8ToBytes(`${kind}:${model}`)));
  return {
    file: { location: model, format: 'upstream' },
    engine: createUpstreamEngine({ clock, log: log.child('upstream') }, { baseUrl: url, kind }),
    artifact: {
      path: `${kind}:${model}`.slice(0, 200),
      format: 'upstream',
      quantisation: 'upstream',
      sizeBytes: 0n,
      sha256: name,
      merkleRoot: new Uint8Array(32),
    },
    shortName: toShortName(model),
    parameters: 0n,
    licence: 'LicenseRef-unknown',
  };
}

/** A name the registry accepts: lower case, other characters become dashes. */
function toShortName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 47);
  return name === '' ? 'model' : name;
}
