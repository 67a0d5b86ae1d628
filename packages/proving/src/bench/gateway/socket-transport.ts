import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { ProtocolError, type Stream, type StreamHandler, type Transport } from '@cairn/protocol';

/** What a packet does to its stream. */
const KINDS = { open: 0, frame: 1, closeWrite: 2, abort: 3 } as const;
type Kind = (typeof KINDS)[keyof typeof KINDS];

/** Length of the rest, stream, kind. */
const HEADER_BYTES = 9;

interface End {
  readonly stream: Stream;
  take(kind: Kind, payload: Uint8Array): void;
  fail(reason: string): void;
}

/**
 * Streams between two processes of a bench that trust each other: frames over one socket, without encryption or flow
 * control of each stream. What libp2p costs is not in it.
 */
export async function listenOnSocket(path: string): Promise<Transport> {
  const handlers = new Map<string, StreamHandler>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    carry(socket, handlers);
  });
  server.listen(path);
  await once(server, 'listening');
  return transportOf(path, handlers, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

/** The other end of {@link listenOnSocket}: dials any name, which is always the process that listens. */
export async function connectToSocket(path: string): Promise<Transport> {
  const socket = connect(path);
  await once(socket, 'connect');
  const { dial } = carry(socket, new Map());
  return transportOf('payer', new Map(), async () => void socket.destroy(), dial);
}

function transportOf(
  peer: string,
  handlers: Map<string, StreamHandler>,
  close: () => Promise<void>,
  dial?: (protocol: string) => Stream,
): Transport {
  return {
    peer,
    async dial(to, protocol) {
      if (dial !== undefined) return dial(protocol);
      throw new ProtocolError({ code: 'PEER_UNREACHABLE', peer: to }, 'This end of the bench only listens.');
    },
    listen(protocol, handler) {
      handlers.set(protocol, handler);
      return () => void handlers.delete(protocol);
    },
    [Symbol.asyncDispose]: close,
  };
}

function carry(socket: Socket, handlers: ReadonlyMap<string, StreamHandler>) {
  const ends = new Map<number, End>();
  let next = 0;
  let isCorked = false;

  /** Packets of one moment leave together. */
  function send(id: number, kind: Kind, payload: Uint8Array): boolean {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      process.nextTick(() => {
        isCorked = false;
        socket.uncork();
      });
    }
    const packet = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
    packet.writeUInt32BE(payload.length + HEADER_BYTES - 4, 0);
    packet.writeUInt32BE(id, 4);
    packet[8] = kind;
    packet.set(payload, HEADER_BYTES);
    return socket.write(packet);
  }

  function start(id: number, protocol: string): Stream {
    const end = createEnd(
      protocol,
      (kind, payload) => send(id, kind, payload),
      socket,
      () => ends.delete(id),
    );
    ends.set(id, end);
    return end.stream;
  }

  function take(id: number, kind: Kind, payload: Uint8Array): void {
    if (kind !== KINDS.open) {
      ends.get(id)?.take(kind, payload);
      return;
    }
    const protocol = Buffer.from(payload).toString();
    const handler = handlers.get(protocol);
    const stream = start(id, protocol);
    if (handler === undefined) {
      stream.abort(`${protocol} is not served here`);
      return;
    }
    void handler(stream).then(
      () => stream.closeWrite(),
      (error: unknown) => stream.abort(error instanceof Error ? error.message : 'the handler failed'),
    );
  }

  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const size = 4 + bytes.readUInt32BE(at);
      if (bytes.length - at < size) break;
      take(bytes.readUInt32BE(at + 4), bytes[at + 8] as Kind, bytes.subarray(at + HEADER_BYTES, at + size));
      at += size;
    }
    rest = bytes.subarray(at);
  });
  const fail = () => {
    for (const end of ends.values()) end.fail('the other process is gone');
    ends.clear();
  };
  socket.on('error', fail).on('close', fail);
  return {
    dial(protocol: string): Stream {
      const id = next++;
      send(id, KINDS.open, Buffer.from(protocol));
      return start(id, protocol);
    },
  };
}

function createEnd(
  protocol: string,
  send: (kind: Kind, payload: Uint8Array) => boolean,
  socket: Socket,
  onOver: () => void,
): End {
  const frames: Uint8Array[] = [];
  let wake: (() => void) | null = null;
  let isRemoteDone = false;
  let isDone = false;
  let aborted: string | null = null;

  function change(): void {
    wake?.();
    wake = null;
    if (aborted !== null || (isRemoteDone && isDone)) onOver();
  }
  function refuseAborted(): void {
    if (aborted === null) return;
    throw new ProtocolError({ code: 'STREAM_ABORTED', reason: aborted }, `The stream was cut: ${aborted}.`);
  }
  function fail(reason: string): void {
    aborted ??= reason;
    change();
  }

  const stream: Stream = {
    remote: 'bench',
    protocol,
    async write(frame) {
      refuseAborted();
      if (!send(KINDS.frame, frame) && socket.writableNeedDrain) await once(socket, 'drain');
    },
    async read() {
      for (;;) {
        refuseAborted();
        const frame = frames.shift();
        if (frame !== undefined) return frame;
        if (isRemoteDone) return null;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async closeWrite() {
      if (isDone || aborted !== null) return;
      isDone = true;
      send(KINDS.closeWrite, new Uint8Array(0));
      change();
    },
    abort(reason) {
      if (aborted !== null || (isRemoteDone && isDone)) return;
      send(KINDS.abort, Buffer.from(reason.slice(0, 200)));
      fail(reason);
    },
  };
  return {
    stream,
    fail,
    take(kind, payload) {
      if (kind === KINDS.abort) return fail(Buffer.from(payload).toString());
      if (kind === KINDS.frame) frames.push(payload);
      else isRemoteDone = true;
      change();
    },
  };
}
