import type { Listener } from '@libp2p/interface';
import { type NetworkLimits, STREAMS_PER_CONNECTION } from '../libp2p/limits.ts';
import { guardTransport, type Loaded, type TransportFactory } from './guard-transport.ts';

const MIB = 1024 * 1024;

type Library = typeof import('@chainsafe/libp2p-quic');

/** QUIC, which is native code: absent where there is no binary for the machine. */
export async function loadQuic(
  limits: NetworkLimits,
  importLibrary: () => Promise<Library> = () => import('@chainsafe/libp2p-quic'),
): Promise<Loaded> {
  let library: Library;
  try {
    library = await importLibrary();
  } catch {
    // The library lists every place where it looked, over many lines; what helps is the name of the package.
    const name = `@chainsafe/libp2p-quic-${platformName()}@${QUIC_VERSION}`;
    return {
      missing: `there is no QUIC for this machine. Where there is a package for it: npm install --no-save ${name}`,
    };
  }
  const quic = library.quic({
    maxConcurrentStreamLimit: STREAMS_PER_CONNECTION,
    maxStreamData: MIB,
    maxConnectionData: 4 * MIB,
    handshakeTimeout: limits.handshakeTimeoutMs,
    maxIdleTimeout: limits.handshakeTimeoutMs,
    keepAliveInterval: Math.floor(limits.handshakeTimeoutMs / 3),
  }) as TransportFactory;
  const guarded = guardTransport(quic, limits);
  return { transport: (components) => acceptInParallel(guarded(components), limits.handshakes) };
}

const QUIC_VERSION = '2.1.1';

function platformName(): string {
  const { platform, arch } = process;
  const kind = platform === 'linux' ? (isMusl() ? '-musl' : '-gnu') : platform === 'win32' ? '-msvc' : '';
  return `${platform}-${arch}${kind}`;
}

function isMusl(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined;
}

interface Accepting extends Listener {
  awaitInboundConnections(): Promise<void>;
}

/**
 * The library makes one handshake at a time, so that one stranger who begins and says no more would keep all others
 * out until it is given up. Here so many may be in their handshake at once.
 */
function acceptInParallel(transport: ReturnType<TransportFactory>, handshakes: number) {
  const create = transport.createListener.bind(transport);
  transport.createListener = (options) => {
    const listener = create(options) as Accepting;
    const listen = listener.listen.bind(listener);
    listener.listen = async (address) => {
      await listen(address);
      for (let more = 1; more < handshakes; more++) void listener.awaitInboundConnections();
    };
    return listener;
  };
  return transport;
}
