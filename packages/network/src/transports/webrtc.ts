import type { NetworkLimits } from '../libp2p/limits.ts';
import { type Channel, guardChannel } from './guard-channel.ts';
import { guardTransport, type Loaded, type TransportFactory } from './guard-transport.ts';
import { keepStunServers } from './keep-stun-servers.ts';
import { certificateOf } from './webrtc-certificate.ts';

type Library = typeof import('@libp2p/webrtc');
type Native = typeof import('node-datachannel/polyfill');

/**
 * WebRTC by which browsers reach this peer without a certificate that others sign, which is native code in Node: absent
 * where there is no binary for the machine.
 *
 * @param identity seed of the peer's key, from which the hash in its addresses follows
 */
export async function loadWebrtc(
  limits: NetworkLimits,
  identity: Uint8Array,
  importNative: () => Promise<Native> = () => import('node-datachannel/polyfill'),
): Promise<Loaded> {
  let native: Native;
  let library: Library;
  try {
    native = await importNative();
    library = await import('@libp2p/webrtc');
  } catch {
    return { missing: `there is no WebRTC for this machine: node-datachannel has no binary for it` };
  }
  guardChannels(native);
  const direct = library.webRTCDirect({
    certificate: certificateOf(identity),
    // The library would ask public servers where this machine is.
    rtcConfiguration: { iceServers: [] },
  }) as TransportFactory;
  return { transport: guardTransport(keepStunServers(direct), limits) };
}

const guarded = new WeakSet<object>();

/**
 * Messages are looked at where channels are made, ours and those that others open: the handshake runs in a channel that
 * nobody but the library gets to see, before it is known who speaks.
 */
function guardChannels({ RTCPeerConnection }: Native): void {
  const { prototype } = RTCPeerConnection;
  if (guarded.has(prototype)) return;
  guarded.add(prototype);
  const { createDataChannel, dispatchEvent } = prototype;
  prototype.createDataChannel = function (...given) {
    const channel = createDataChannel.apply(this, given);
    guardChannel(channel as Channel);
    return channel;
  };
  prototype.dispatchEvent = function (event) {
    if (event.type === 'datachannel') guardChannel((event as Event & { readonly channel: Channel }).channel);
    return dispatchEvent.call(this, event);
  };
}
