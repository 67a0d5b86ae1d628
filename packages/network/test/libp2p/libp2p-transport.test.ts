import { describeTransport } from '../../../protocol/test/ports/transport-compliance.ts';
import { aNetwork } from '../support/networks.ts';

for (const [name, listen] of [
  ['libp2p over TCP on loopback', '/ip4/127.0.0.1/tcp/0'],
  ['libp2p over WebSocket on loopback', '/ip4/127.0.0.1/tcp/0/ws'],
] as const) {
  describeTransport(name, async () => {
    const there = await aNetwork({ listen: [listen] });
    const here = await aNetwork({ listen: [], bootstrap: there.addresses() });
    await here.join();
    return {
      here,
      there,
      async [Symbol.asyncDispose]() {
        await here[Symbol.asyncDispose]();
        await there[Symbol.asyncDispose]();
      },
    };
  });
}
