import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { Logger } from '@cairn/core';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types';
import { ChainError, type ChainProblem } from '../errors.ts';
import { createFrameReader, frameOf, MAX_FRAME_BYTES } from './frame.ts';
import type { AbciHandlers, AbciKind } from './handlers.ts';
import { createTurns } from './turns.ts';

export interface AbciServerParts {
  readonly handlers: AbciHandlers;
  readonly logger: Logger;
  /** Told when a connection is gone. */
  readonly onClosed: (connection: number) => void;
  /** Told once when the application failed. Nothing is answered after that. */
  readonly onFault: (error: Error) => void;
}

export interface AbciServerOptions {
  /** Unix socket in a folder that only its owner can enter. */
  readonly path: string;
  /** @default 104_857_600 */
  readonly maxFrameBytes?: number;
  /** CometBFT opens four; after a restart the old may linger. @default 8 */
  readonly maxConnections?: number;
  /** Requests of one connection that wait for their answer before no more is read. @default 4_096 */
  readonly maxWaiting?: number;
}

export interface AbciServer extends AsyncDisposable {
  readonly path: string;
}

/** Refusals of a call: the state is as before, and the caller may connect again. */
const REFUSALS = new Set<ChainProblem['code']>([
  'ABCI_FRAME_INVALID',
  'ABCI_MESSAGE_INVALID',
  'CALL_OUT_OF_ORDER',
  'GENESIS_MISMATCH',
]);

/**
 * ABCI 2.0 on a socket: messages with an unsigned varint before them, answered in order on each connection. A call
 * that is refused ends its connection; a fault of the application ends them all, so that nobody goes on with a state
 * that may differ from that of others.
 */
export async function startAbciServer(
  parts: AbciServerParts,
  options: AbciServerOptions,
): Promise<AbciServer> {
  const { handlers, logger, onClosed, onFault } = parts;
  const { path, maxFrameBytes = MAX_FRAME_BYTES, maxConnections = 8, maxWaiting = 4_096 } = options;
  const sockets = new Set<Socket>();
  const checks = createTurns();
  let connections = 0;
  let fault: Error | null = null;

  function fail(error: Error): void {
    if (fault !== null) return;
    fault = error;
    logger.error('the application failed', { reason: error.message });
    onFault(error);
    for (const socket of sockets) socket.destroySoon();
  }

  function serve(socket: Socket): void {
    if (fault !== null) {
      socket.destroy();
      return;
    }
    const connection = ++connections;
    const reader = createFrameReader(maxFrameBytes);
    let waiting = 0;
    let isRefused = false;
    let inOrder: Promise<unknown> = Promise.resolve();
    sockets.add(socket);

    function write(response: Response): void {
      if (!socket.writable) return;
      // What is answered in one turn leaves in one piece.
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      socket.write(frameOf(Response.encode(response).finish()));
    }

    function refuse(error: unknown): void {
      if (isRefused) return;
      isRefused = true;
      const reason = error instanceof Error ? error : new Error(String(error));
      write({ exception: { error: reason.message } });
      const isRefusal = error instanceof ChainError && REFUSALS.has(error.problem.code);
      if (isRefusal) logger.warn('a call was refused', { reason: reason.message });
      else fail(reason);
      socket.destroySoon();
    }

    /** Checks run beside each other, a few at a time; everything else begins when all before it is answered. */
    function take(message: Uint8Array): void {
      const { kind, run } = readRequest(handlers, message, connection);
      const before = inOrder;
      const answer = kind === 'checkTx' ? checks.run(run) : before.then(() => (isRefused ? null : run()));
      // Looked at in its turn; until then a failure must not end the process.
      answer.catch(() => undefined);
      waiting += 1;
      if (waiting >= maxWaiting) socket.pause();
      inOrder = before.then(async () => {
        try {
          const response = await answer;
          if (response !== null && !isRefused && fault === null) write(response);
        } catch (error) {
          refuse(error);
        }
        waiting -= 1;
        if (waiting < maxWaiting && socket.isPaused()) socket.resume();
      });
    }

    socket.on('data', (chunk) => {
      if (isRefused || fault !== null) return;
      try {
        for (const message of reader.push(chunk)) take(message);
      } catch (error) {
        // In its turn, after the answers to what came before it.
        inOrder = inOrder.then(() => refuse(error));
      }
    });
    socket.on('error', (error) => logger.debug('a connection broke', { reason: error.message }));
    socket.on('close', () => {
      isRefused = true;
      sockets.delete(socket);
      onClosed(connection);
    });
  }

  const server = createServer({ noDelay: true }, serve);
  server.maxConnections = maxConnections;
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    path,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface ReadRequest {
  readonly kind: AbciKind;
  readonly run: () => Promise<Response>;
}

/** @throws ChainError `ABCI_MESSAGE_INVALID` */
function readRequest(handlers: AbciHandlers, message: Uint8Array, connection: number): ReadRequest {
  let request: Request;
  try {
    request = Request.decode(message);
  } catch (cause) {
    throw invalid(`${message.length} bytes are no ABCI request`, cause);
  }
  let kind: AbciKind | undefined;
  let count = 0;
  for (const name in handlers) {
    if (request[name as AbciKind] === undefined) continue;
    kind = name as AbciKind;
    count += 1;
  }
  if (kind === undefined || count > 1) {
    throw invalid(`it has ${count} requests of ABCI 2.0 and not one. CometBFT must be of version 0.38`);
  }
  const handler = handlers[kind] as (asked: unknown, from: number) => unknown;
  const asked = request[kind];
  const answer = kind;
  return { kind, run: async () => ({ [answer]: await handler(asked, connection) }) };
}

function invalid(reason: string, cause?: unknown): ChainError {
  return new ChainError(
    { code: 'ABCI_MESSAGE_INVALID', reason },
    `An ABCI message was refused: ${reason}.`,
    cause === undefined ? {} : { cause },
  );
}
