import { RTCPeerConnection } from 'node-datachannel/polyfill';

type Connection = InstanceType<typeof RTCPeerConnection>;

/**
 * Has pages that run in Node tell where they can be found only once they have the answer to their offer, by which they
 * know the certificate of the other side. The other side dials as soon as it knows where, and its handshake may come
 * before its answer, which goes through a relay: a browser keeps such a handshake until then, the library of Node
 * refuses it ("unknown CA") and closes the connection.
 */
export function waitForAnswers(): void {
  const { prototype } = RTCPeerConnection;
  const { dispatchEvent, setRemoteDescription } = prototype;
  const held = new WeakMap<Connection, Event[]>();
  prototype.dispatchEvent = function (this: Connection, event) {
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
