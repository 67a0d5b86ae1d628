import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { aDirectory } from '../support/directory.ts';
import { aNetwork, quickTimer, seedOf, until } from '../support/networks.ts';

it('reaches a peer that nobody can dial through a relay', async () => {
  await using relay = await aNetwork({ relayServer: true });
  await using hidden = await aNetwork({ listen: [], relays: relay.addresses() });
  await using reader = await aNetwork({ listen: [] });
  await until(() => hidden.addresses().some((address) => address.includes('/p2p-circuit')));
  hidden.listen('/test/1', async (stream) => {
    await stream.write((await stream.read()) ?? new Uint8Array(0));
  });
  const address = hidden.addresses().find((each) => each.includes('/p2p-circuit')) ?? '';
  await using guest = await aNetwork({ listen: [], bootstrap: [address] });
  await guest.join();
  const stream = await guest.dial(hidden.peer, '/test/1');
  await stream.write(Uint8Array.of(1, 2, 3));
  expect(await stream.read()).toEqual(Uint8Array.of(1, 2, 3));
  expect(stream.remote).toBe(hidden.peer);
  await expect(reader.dial(hidden.peer, '/test/1')).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
});

it('reaches it by one connection however many streams are opened, not by one for each', async () => {
  await using relay = await aNetwork({ relayServer: true });
  await using hidden = await aNetwork({ listen: [], relays: relay.addresses() });
  hidden.listen('/test/1', async (stream) => {
    await stream.write((await stream.read()) ?? new Uint8Array(0));
  });
  const directory = aDirectory(new Map([[hidden.peer, hidden.addresses()]]));
  await using guest = await aNetwork({ listen: [] }, { directory });
  const ask = async (number: number) => {
    const stream = await guest.dial(hidden.peer, '/test/1');
    await stream.write(Uint8Array.of(number));
    return stream.read();
  };
  expect(await ask(0)).toEqual(Uint8Array.of(0));
  const numbers = Array.from({ length: 12 }, (_, index) => index);
  expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map((number) => Uint8Array.of(number)));
  expect(guest.usage().connections).toBe(2);
});

it('is not tried directly for each stream while a relay reaches it and its own address is silent', async () => {
  await using relay = await aNetwork({ relayServer: true });
  await using hidden = await aNetwork({ listen: [], relays: relay.addresses() });
  hidden.listen('/test/1', async (stream) => {
    await stream.write((await stream.read()) ?? new Uint8Array(0));
  });
  let tried = 0;
  // Takes connections and hangs up, as a middlebox does that stands where the peer was once.
  const stranger = createServer((socket) => {
    tried += 1;
    socket.destroy();
  });
  await once(stranger.listen(0, '127.0.0.1'), 'listening');
  const { port } = stranger.address() as AddressInfo;
  const addresses = [...hidden.addresses(), `/ip4/127.0.0.1/tcp/${port}/p2p/${hidden.peer}`];
  const directory = aDirectory(new Map([[hidden.peer, addresses]]));
  await using guest = await aNetwork({ listen: [] }, { directory });
  for (let number = 0; number < 5; number += 1) {
    const stream = await guest.dial(hidden.peer, '/test/1');
    await stream.write(Uint8Array.of(number));
    expect(await stream.read()).toEqual(Uint8Array.of(number));
  }
  stranger.close();
  expect(tried).toBeGreaterThan(0);
  expect(tried).toBeLessThanOrEqual(2);
});

it('takes its place at a relay again when that is back', async () => {
  const identity = seedOf(4713);
  const relay = await aNetwork({ relayServer: true }, { identity });
  const [address = ''] = relay.addresses();
  await using hidden = await aNetwork(
    { listen: [], relays: [address], bootstrap: [address] },
    { timer: quickTimer },
  );
  await hidden.join();
  expect(hidden.reach().relays).toEqual([relay.peer]);
  await relay[Symbol.asyncDispose]();
  await until(() => hidden.peers().length === 0);
  const listen = [address.split('/p2p/')[0]!];
  await using again = await aNetwork({ listen, relayServer: true }, { identity });
  await until(() => hidden.reach().relays.includes(again.peer));
  expect(hidden.addresses()).toEqual([`${address}/p2p-circuit/p2p/${hidden.peer}`]);
  expect(again.lent()).toMatchObject({ held: 1, reservations: 32 });
});
