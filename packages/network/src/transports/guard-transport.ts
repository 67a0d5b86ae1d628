import type {
  ClearableSignal,
  Stream,
  StreamMuxer,
  StreamMuxerFactory,
  Transport,
  Upgrader,
} from '@libp2p/interface';
import type { Libp2pOptions } from 'libp2p';
import { type NetworkLimits, STREAMS_PER_CONNECTION } from '../libp2p/limits.ts';

export type TransportFactory = NonNullable<Libp2pOptions['transports']>[number];

/** A way in and out, or why this machine has none. */
export type Loaded =
  | { readonly transport: TransportFactory; readonly missing?: never }
  | { readonly transport?: never; readonly missing: string };

/** Bytes a stream may bring before its protocol is agreed on. An honest peer waits for that. */
const MOST_UNAGREED_BYTES = 64 * 1024;

/**
 * Puts limits around a transport that has a multiplexer of its own, beyond the reach of yamux's: streams of a
 * connection, bytes of a stream that speaks no protocol yet, handshakes at a time. A dial ends when its signal says so,
 * whether the transport listens to the signal or not.
 */
export function guardTransport(
  create: TransportFactory,
  limits: Pick<NetworkLimits, 'handshakes'>,
): TransportFactory {
  return (components) => {
    const handshakes = countHandshakes(limits.handshakes);
    let own: Upgrader | null = null;
    const guarded = (upgrader: Upgrader) => guardUpgrader(upgrader, handshakes);
    const transport: Transport = create(
      new Proxy(components, {
        get(target, key) {
          if (key !== 'upgrader') return Reflect.get(target, key);
          own ??= guarded(Reflect.get(target, key));
          return own;
        },
      }),
    );
    const dial = transport.dial.bind(transport);
    const listen = transport.createListener.bind(transport);
    transport.dial = (address, options) =>
      orAborted(dial(address, { ...options, upgrader: guarded(options.upgrader) }), options.signal);
    transport.createListener = (options) => listen({ ...options, upgrader: guarded(options.upgrader) });
    return transport;
  };
}

/** What is late is closed by its own upgrade, which knows the signal. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}

/** Gives signals to those who come while there is room; others get one that has ended already. */
function countHandshakes(most: number) {
  let count = 0;
  return (upgrader: Upgrader, signal: AbortSignal): ClearableSignal => {
    const given = upgrader.createInboundAbortSignal(
      count < most ? signal : AbortSignal.abort(new Error('too many handshakes at a time')),
    );
    const clear = given.clear.bind(given);
    let isOver = false;
    count += 1;
    given.clear = () => {
      if (!isOver) count -= 1;
      isOver = true;
      clear();
    };
    return given;
  };
}

function guardUpgrader(upgrader: Upgrader, handshakes: ReturnType<typeof countHandshakes>): Upgrader {
  const within = <T extends { muxerFactory?: StreamMuxerFactory }>(options: T): T =>
    options.muxerFactory === undefined
      ? options
      : { ...options, muxerFactory: guardMuxers(options.muxerFactory) };
  return {
    upgradeInbound: (connection, options) => upgrader.upgradeInbound(connection, within(options)),
    upgradeOutbound: (connection, options) => upgrader.upgradeOutbound(connection, within(options)),
    createInboundAbortSignal: (signal) => handshakes(upgrader, signal),
    getStreamMuxers: () => upgrader.getStreamMuxers(),
    getConnectionEncrypters: () => upgrader.getConnectionEncrypters(),
  };
}

function guardMuxers(factory: StreamMuxerFactory): StreamMuxerFactory {
  return {
    protocol: factory.protocol,
    createStreamMuxer: (connection) => guardMuxer(factory.createStreamMuxer(connection)),
  };
}

/** Muxers tell of a new stream by an event, which is the first that anybody learns of it. */
function guardMuxer(muxer: StreamMuxer): StreamMuxer {
  const create = muxer.createStream.bind(muxer);
  const tell = muxer.safeDispatchEvent.bind(muxer);
  let inbound = 0;
  muxer.createStream = async (options) => {
    const stream = await create(options);
    guardStream(stream);
    return stream;
  };
  muxer.safeDispatchEvent = (type: string, told: { detail?: unknown } = {}) => {
    if (type !== 'stream') return tell(type as never, told as never);
    const stream = told.detail as Stream;
    guardStream(stream);
    if (inbound >= STREAMS_PER_CONNECTION) {
      stream.abort(new Error('too many streams of this connection are open'));
      return false;
    }
    inbound += 1;
    stream.addEventListener('close', () => {
      inbound -= 1;
    });
    return tell(type, told as never);
  };
  return muxer;
}

/** Every stream of libp2p takes in its bytes by `onData`. */
interface Receiving {
  onData(data: { readonly byteLength: number }): void;
}

function guardStream(stream: Stream): void {
  const receiving = stream as Stream & Receiving;
  const take = receiving.onData.bind(receiving);
  let unagreedBytes = 0;
  receiving.onData = (data) => {
    if (stream.protocol === '') {
      unagreedBytes += data.byteLength;
      if (unagreedBytes > MOST_UNAGREED_BYTES) {
        stream.abort(new Error('too much was sent before a protocol was agreed on'));
        return;
      }
    }
    take(data);
  };
}
