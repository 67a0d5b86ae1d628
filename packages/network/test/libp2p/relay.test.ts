import { expect, it } from 'vitest';
import { aNetwork, until } from '../support/networks.ts';

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
