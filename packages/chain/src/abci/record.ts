import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { RequestFinalizeBlock, ResponseFinalizeBlock } from 'cosmjs-types/tendermint/abci/types';
import { createFrameReader, frameOf } from './frame.ts';

/** Keeps what CometBFT decided and what it came to. */
export interface BlockRecorder extends AsyncDisposable {
  record(request: RequestFinalizeBlock, response: ResponseFinalizeBlock): Promise<void>;
}

/** Adds to a file: each request and its answer, as they are on the socket. */
export async function openBlockRecorder(path: string): Promise<BlockRecorder> {
  const file: FileHandle = await open(path, 'a', 0o600);
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
}

/** A block as CometBFT decided it, and the root it ended in there. */
export interface RecordedBlock {
  readonly request: RequestFinalizeBlock;
  readonly appHash: Uint8Array;
}

/**
 * Each block of a recording once: after a crash CometBFT hands over again what was not committed. A last record that
 * was cut off is left out.
 */
export async function* readRecordedBlocks(path: string): AsyncGenerator<RecordedBlock> {
  const reader = createFrameReader();
  let request: RequestFinalizeBlock | null = null;
  let before: RecordedBlock | null = null;
  for await (const chunk of createReadStream(path)) {
    for (const message of reader.push(chunk as Uint8Array)) {
      if (request === null) {
        request = RequestFinalizeBlock.decode(message);
        continue;
      }
      const block = { request, appHash: ResponseFinalizeBlock.decode(message).appHash };
      request = null;
      if (before !== null && before.request.height < block.request.height) yield before;
      before = block;
    }
  }
  if (before !== null) yield before;
}
