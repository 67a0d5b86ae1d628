import { bytesToUtf8, type CancelSignal, utf8ToBytes } from '@cairn/core';
import { MAX_FRAME_BYTES, type PeerName, type Stream, type Timer, type Transport } from '@cairn/protocol';
import type { RpcFetch } from '@cairn/sdk';
import { NodeError } from '../errors.ts';
import type { JsonRpc } from '../rpc/json-rpc.ts';
import { createTurns } from './turns.ts';

/** JSON-RPC between nodes: one body, then its answer in pieces, one stream each. */
export const RPC_PROTOCOL = '/cairn/rpc/1';

/** Longest question and longest answer, in bytes. */
const MAX_QUESTION_BYTES = 1_048_576;
const MAX_ANSWER_BYTES = 64 * 1_048_576;
const PIECE_BYTES = 1_048_576;
/** Questions in work at a time, of one peer and in all. */
const MAX_PER_PEER = 16;
const MAX_IN_WORK = 128;
/** Questions a node asks at once: fewer than are answered, which are counted a moment longer there. */
const MAX_ASKED = 12;
/** Longest time for one question; waiting for a block is the longest of them. */
const MOST_MS = 150_000;

export interface RpcServerParts {
  readonly transport: Transport;
  readonly timer: Timer;
  readonly rpc: JsonRpc;
}

/** Answers the public methods to every peer. Returns how to stop. */
export function serveRpc({ transport, timer, rpc }: RpcServerParts): () => void {
  const inWork = new Map<Stream, PeerName>();

  async function serve(stream: Stream): Promise<void> {
    const sameAsker = [...inWork.values()].filter((peer) => peer === stream.remote).length;
    if (inWork.size >= MAX_IN_WORK || sameAsker >= MAX_PER_PEER) {
      stream.abort(`at most ${MAX_PER_PEER} questions of one peer are answered at once`);
      return;
    }
    inWork.set(stream, stream.remote);
    const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
    try {
      const question = await stream.read();
      if (question === null) return;
      if (question.length > MAX_QUESTION_BYTES) {
        stream.abort(`a question has at most ${MAX_QUESTION_BYTES} bytes`);
        return;
      }
      const answer = utf8ToBytes(JSON.stringify(await rpc.answer(new TextDecoder().decode(question))));
      for (let at = 0; at < answer.length; at += PIECE_BYTES)
        await stream.write(answer.subarray(at, at + PIECE_BYTES));
    } finally {
      stop();
      inWork.delete(stream);
    }
  }

  const stopListening = transport.listen(RPC_PROTOCOL, serve);
  return () => {
    stopListening();
    for (const stream of inWork.keys()) stream.abort('this node is stopping');
  };
}

export interface RpcClientParts {
  readonly transport: Transport;
  readonly timer: Timer;
}

/**
 * Asks the nodes in turn, beginning with the one that answered last. More questions than a node answers at once wait
 * for those before them.
 *
 * @throws NodeError `NODE_UNREACHABLE` when none of them answers
 */
export function createPeerRpc(
  { transport, timer }: RpcClientParts,
  nodes: readonly PeerName[],
  signal?: CancelSignal,
): RpcFetch {
  let first = 0;
  const inTurn = createTurns(timer, { most: MAX_ASKED, waitMs: MOST_MS, onLate: tooSlow });
  return (body) => inTurn(() => askAny(body));

  async function askAny(body: string): Promise<string> {
    const reasons: string[] = [];
    for (let turn = 0; turn < nodes.length; turn++) {
      const at = (first + turn) % nodes.length;
      try {
        const answer = await ask({ transport, timer }, nodes[at]!, body, signal);
        first = at;
        return answer;
      } catch (error) {
        reasons.push(`${nodes[at]}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    throw new NodeError(
      { code: 'NODE_UNREACHABLE', address: nodes.join(', ') },
      `No node of the network answers. ${reasons.join(' ')} Check that one of them runs.`,
    );
  }
}

function tooSlow(): NodeError {
  return new NodeError(
    { code: 'NODE_UNREACHABLE', address: '' },
    `The nodes of the network are too slow: ${MAX_ASKED} questions are under way, and another one waited for ${MOST_MS / 1_000} s. Check that one of them runs.`,
  );
}

async function ask(
  { transport, timer }: RpcClientParts,
  node: PeerName,
  body: string,
  signal: CancelSignal | undefined,
): Promise<string> {
  const stream = await transport.dial(node, RPC_PROTOCOL, signal === undefined ? {} : { signal });
  const stop = timer.schedule(MOST_MS, () => stream.abort('it took too long'));
  const cancel = () => stream.abort('it is not wanted any more');
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    await stream.write(utf8ToBytes(body));
    await stream.closeWrite();
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
      size += piece.length;
      if (piece.length > MAX_FRAME_BYTES || size > MAX_ANSWER_BYTES)
        throw new Error(`its answer has more than ${MAX_ANSWER_BYTES} bytes`);
      pieces.push(piece);
    }
    if (size === 0) throw new Error('it ended without an answer');
    return bytesToUtf8(Buffer.concat(pieces));
  } catch (error) {
    stream.abort('the answer is not wanted');
    throw error;
  } finally {
    stop();
    signal?.removeEventListener('abort', cancel);
  }
}
