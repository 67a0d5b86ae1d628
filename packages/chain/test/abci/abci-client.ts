import { connect } from 'node:net';
import { Request, Response } from 'cosmjs-types/tendermint/abci/types';
import { createFrameReader, frameOf } from '../../src/abci/frame.ts';

type Kind = keyof Request;

/** A consensus engine's side of one connection. */
export interface AbciClient {
  ask<K extends Kind>(kind: K, request: Partial<NonNullable<Request[K]>>): Promise<NonNullable<Response[K]>>;
  /** Sends bytes as they are. */
  write(bytes: Uint8Array): void;
  /** The next answer, whatever it is. */
  next(): Promise<Response>;
  /** Resolves when the other side has ended the connection. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export function messageOf<K extends Kind>(kind: K, request: Partial<NonNullable<Request[K]>>): Uint8Array {
  return Request.encode(Request.fromPartial({ [kind]: request } as Partial<Request>)).finish();
}

export async function connectAbci(path: string): Promise<AbciClient> {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const reader = createFrameReader();
  const answers: Response[] = [];
  const waiting: { resolve: (answer: Response) => void; reject: (error: Error) => void }[] = [];
  let isClosed = false;
  socket.on('data', (chunk) => {
    for (const message of reader.push(chunk)) {
      const answer = Response.decode(message);
      const next = waiting.shift();
      if (next === undefined) answers.push(answer);
      else next.resolve(answer);
    }
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true;
      for (const { reject } of waiting) reject(new Error('connection closed'));
      resolve();
    });
  });
  socket.on('error', () => undefined);

  function next(): Promise<Response> {
    const answer = answers.shift();
    if (answer !== undefined) return Promise.resolve(answer);
    if (isClosed) return Promise.reject(new Error('connection closed'));
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  }

  return {
    async ask(kind, request) {
      socket.write(frameOf(messageOf(kind, request)));
      const answer = await next();
      if (answer.exception !== undefined) throw new Error(answer.exception.error);
      const found = answer[kind as keyof Response];
      if (found === undefined) throw new Error(`${kind} was answered with ${Object.keys(answer).join()}`);
      return found as never;
    },
    write: (bytes) => void socket.write(bytes),
    next,
    closed,
    async close() {
      socket.destroy();
      await closed;
    },
  };
}
