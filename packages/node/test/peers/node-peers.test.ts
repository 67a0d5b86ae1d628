import { createMemoryNetwork } from '@cairn/network';
import type { Stream, Transport } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createNodePeers } from '../../src/peers/node-peers.ts';

const PROTOCOL = '/test/1';

/** Says who asked and what. */
const echo = (name: string) => async (stream: Stream) => {
  const asked = await stream.read();
  await stream.write(
    Buffer.from(`${name} heard ${Buffer.from(asked ?? []).toString()} from ${stream.remote}`),
  );
};

async function ask(from: Transport, to: string, text: string): Promise<string> {
  const stream = await from.dial(to, PROTOCOL);
  await stream.write(Buffer.from(text));
  await stream.closeWrite();
  return Buffer.from((await stream.read()) ?? []).toString();
}

function twoNodes() {
  const outside = createMemoryNetwork();
  const device = { peerKey: new Uint8Array(32), addresses: [] };
  const one = createNodePeers({ transport: outside.join('node-one'), device });
  const two = createNodePeers({ transport: outside.join('node-two'), device });
  return { one, two };
}

describe('the roles of a node', () => {
  it('reach each other in memory, by either name', async () => {
    const { one } = twoNodes();
    const [a, b] = [one.join('a'), one.join('b')];
    b.listen(PROTOCOL, echo('b'));
    expect(await ask(a, 'b', 'hello')).toBe('b heard hello from a');
    expect(await ask(a, 'b@node-one', 'hello')).toBe('b heard hello from a');
  });

  it('are reached from other nodes, which are named by their node', async () => {
    const { one, two } = twoNodes();
    const [a, b] = [one.join('a'), two.join('b')];
    b.listen(PROTOCOL, echo('b'));
    expect(b.peer).toBe('b@node-two');
    expect(await ask(a, b.peer, 'hello')).toBe('b heard hello from node-one');
  });

  it('serve the same protocol beside each other', async () => {
    const { one, two } = twoNodes();
    const asker = one.join('asker');
    for (const name of ['b', 'c']) two.join(name).listen(PROTOCOL, echo(name));
    expect(await ask(asker, 'b@node-two', 'x')).toMatch(/^b heard/);
    expect(await ask(asker, 'c@node-two', 'x')).toMatch(/^c heard/);
  });

  it('are not reached once they stop listening', async () => {
    const { one, two } = twoNodes();
    const asker = one.join('asker');
    two.join('b').listen(PROTOCOL, echo('b'))();
    await expect(ask(asker, 'b@node-two', 'x')).rejects.toMatchObject({ code: 'PROTOCOL_UNSUPPORTED' });
  });

  it('stay inside a node that nobody reaches', async () => {
    const peers = createNodePeers(null);
    const [a, b] = [peers.join('a'), peers.join('b')];
    b.listen(PROTOCOL, echo('b'));
    expect(b.peer).toBe('b');
    expect(await ask(a, 'b', 'hello')).toBe('b heard hello from a');
    await expect(ask(a, 'b@elsewhere', 'hello')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
  });
});
