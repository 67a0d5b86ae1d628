import { createReadStream } from 'node:fs';
import { type FileHandle, open, truncate } from 'node:fs/promises';
import { RequestFinalizeBlock, ResponseFinalizeBlock } from 'cosmjs-types/tendermint/abci/types';
import { ChainError } from '../errors.ts';
import { fileProblem } from '../store/file-problem.ts';
import { createFrameReader, frameOf } from './frame.ts';

/** Keeps what CometBFT decided and what it came to. */
export interface BlockRecorder extends AsyncDisposable {
  record(request: RequestFinalizeBlock, response: ResponseFinalizeBlock): Promise<void>;
}

/**
 * Adds to a file: each request and its answer, as they are on the socket. What a process that was killed left half
 * written is cut off first. O(size of the file).
 *
 * @param height of the last block that this node has committed
 * @throws ChainError `RECORDING_UNFIT` when the file does not go as far as that, or belongs to another run;
 * `RECORDING_MALFORMED`, `RECORDING_UNREADABLE`, `NO_PERMISSION`, `DISK_FULL`
 */
export async function openBlockRecorder(path: string, height: number): Promise<BlockRecorder> {
  try {
    // Made first, so that reading finds a file.
    const file: FileHandle = await open(path, 'a', 0o600);
    try {
      await makeFit(path, height);
    } catch (error) {
      await file.close();
      throw error;
    }
    return {
      async record(request, response) {
        const frames = [
          frameOf(RequestFinalizeBlock.encode(request).finish()),
          frameOf(ResponseFinalizeBlock.encode(response).finish()),
        ];
        await file.appendFile(Buffer.concat(frames));
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    throw notOpened(path, fileProblem(path, error));
  }
}

/** What a node that begins from a snapshot would record is no whole run. */
export function recordingOfPart(path: string): ChainError {
  return new ChainError(
    { code: 'RECORDING_UNFIT', path, recorded: 0, height: 0 },
    'This node begins from a snapshot, and a recording has all blocks from the first on. Record a node that executes all of them.',
  );
}

async function makeFit(path: string, height: number): Promise<void> {
  const recording = readRecording(path);
  let recorded = 0;
  for await (const { request } of recording) recorded = Number(request.height);
  // The last block may have been decided and not committed: it is handed over again.
  if (recorded === height || recorded === height + 1) {
    if (recording.sizeBytes > recording.wholeBytes) await truncate(path, recording.wholeBytes);
    return;
  }
  throw new ChainError(
    { code: 'RECORDING_UNFIT', path, recorded, height },
    recorded < height
      ? `${path} has blocks up to ${recorded}, the chain is at ${height}. A recording has all blocks from the first on: record from the first start of a node that executes all of them.`
      : `${path} has blocks up to ${recorded}, the chain is at ${height}: it is of another run. Name another file.`,
  );
}

/** A file that is not there, is a folder or may not be read, in our words; anything else is returned as it is. */
function notOpened(path: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM'].includes(code)) return error;
  return new ChainError(
    { code: 'RECORDING_UNREADABLE', path, reason: code },
    `The recording ${path} cannot be opened (${code}). Name a file in a folder that exists and that this user may read.`,
    { cause: error },
  );
}

/** A block as CometBFT decided it, and the root it ended in there. */
export interface RecordedBlock {
  readonly request: RequestFinalizeBlock;
  readonly appHash: Uint8Array;
  /** Where its record begins in the file. */
  readonly offset: number;
}

/** The blocks of a recording, read once from its first byte on. */
export interface Recording extends AsyncIterable<RecordedBlock> {
  /** Bytes of whole records read so far. */
  readonly wholeBytes: number;
  /** Bytes read so far. More than `wholeBytes` at the end: the last record was cut off. */
  readonly sizeBytes: number;
}

/** A recording that holds anything else than blocks that follow each other. */
export function recordingMalformed(
  path: string,
  offset: number,
  reason: string,
  cause?: unknown,
): ChainError {
  return new ChainError(
    { code: 'RECORDING_MALFORMED', path, offset, reason },
    `The recording ${path} is damaged at byte ${offset}: ${reason}. What comes from there on cannot be replayed; take another copy of it.`,
    cause === undefined ? {} : { cause },
  );
}

async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (error) {
    throw notOpened(path, error);
  }
}

/**
 * Each block of a recording once, from height 1 on: after a crash CometBFT hands over again what was not committed. A
 * last record that was cut off is left out.
 *
 * Iterating throws ChainError `RECORDING_MALFORMED` at bytes that are no record, and at a block that does not follow;
 * `RECORDING_UNREADABLE`.
 */
export function readRecording(path: string): Recording {
  let wholeBytes = 0;
  let sizeBytes = 0;

  const malformed = (offset: number, reason: string, cause?: unknown): ChainError =>
    recordingMalformed(path, offset, reason, cause);

  /** Pairs of a request and its answer, a crash's repetitions too. */
  async function* records(): AsyncGenerator<RecordedBlock> {
    const reader = createFrameReader();
    let request: RequestFinalizeBlock | null = null;
    for await (const chunk of chunksOf(path)) {
      let before = reader.consumedBytes;
      let messages: Uint8Array[];
      try {
        messages = reader.push(chunk);
      } catch (cause) {
        throw malformed(reader.consumedBytes, 'there is no length of a message', cause);
      }
      sizeBytes += chunk.length;
      for (const message of messages) {
        const offset = before;
        before += frameOf(message).length;
        if (request === null) {
          request = decoded(RequestFinalizeBlock, message, offset);
          if (request.hash.length !== 32) throw malformed(offset, `a hash of ${request.hash.length} bytes`);
          continue;
        }
        const { appHash } = decoded(ResponseFinalizeBlock, message, offset);
        if (appHash.length !== 32) throw malformed(offset, `a root of ${appHash.length} bytes`);
        const block = { request, appHash, offset: wholeBytes };
        request = null;
        wholeBytes = before;
        yield block;
      }
    }
  }

  function decoded<T>(type: { decode(bytes: Uint8Array): T }, message: Uint8Array, offset: number): T {
    try {
      return type.decode(message);
    } catch (cause) {
      throw malformed(offset, 'there is no message of CometBFT', cause);
    }
  }

  return {
    get wholeBytes() {
      return wholeBytes;
    },
    get sizeBytes() {
      return sizeBytes;
    },
    async *[Symbol.asyncIterator]() {
      let last: RecordedBlock | null = null;
      for await (const block of records()) {
        const { height } = block.request;
        const lastHeight: bigint = last?.request.height ?? 0n;
        if (height !== lastHeight + 1n && (last === null || height !== lastHeight))
          throw malformed(block.offset, `block ${height} comes after block ${lastHeight}`);
        if (last !== null && height > lastHeight) yield last;
        last = block;
      }
      if (last !== null) yield last;
    },
  };
}
