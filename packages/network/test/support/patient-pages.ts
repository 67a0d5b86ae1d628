import { RTCPeerConnection } from 'node-datachannel/polyfill';

type Connection = InstanceType<typeof RTCPeerConnection>;
type ChannelEvent = Event & { readonly channel?: { readonly label: string; close(): void } };

/** The channel that libp2p opens to make a connection, and closes before it says that it is made. */
const FIRST_CHANNEL = 'init';

/**
 * Has pages that run in Node wait for two things that browsers wait for by themselves:
 *
 * - They tell where they can be found only once they have the answer to their offer, by which they know the certificate
 *   of the other side. The other side dials as soon as it knows where, and its handshake may come before its answer,
 *   which goes through a relay: a browser keeps such a handshake until then, the library of Node refuses it ("unknown
 *   CA") and closes the connection.
 * - Only who opened the first channel closes it. The other side would close it at the same time, and where both do the
 *   library of Node may lose the event of it, for which the one that dials waits.
 */
export function makePagesPatient(): void {
  const { prototype } = RTCPeerConnection;
  const { dispatchEvent, setRemoteDescription } = prototype;
  const held = new WeakMap<Connection, Event[]>();
  prototype.dispatchEvent = function (this: Connection, event: ChannelEvent) {
    if (event.type === 'datachannel' && event.channel?.label === FIRST_CHANNEL) {
      event.channel.close = () => undefined;
    }
    if (event.type !== 'icecandidate' || this.signalingState !== 'have-local-offer') {
      return dispatchEvent.call(this, event);
    }
    held.set(this, [...(held.get(this) ?? []), event]);
    return true;
  };
  prototype.setRemoteDescription = async function (this: Connection, description) {
    await setRemoteDescription.call(this, description);
    const events = held.get(this) ?? [];
    held.delete(this);
    for (const event of events) dispatchEvent.call(this, event);
  };
}
