import { expect, it } from 'vitest';
import { createPureCrypto } from '../packages/core/src/index.ts';
import { openNetwork } from '../packages/network/src/index.ts';
import { describeWithChromium, servePage } from '../packages/node/test/light/browser.ts';

/** What `openBrowserNetwork` imports; packages below them are in CommonJS, which a browser cannot read. */
const LIBRARIES = [
  ...['libp2p', 'multiformats/bases/base58', 'multiformats/hashes/sha2', '@multiformats/multiaddr'],
  ...[
    'circuit-relay-v2',
    'crypto/keys',
    'dcutr',
    'gossipsub',
    'gossipsub/score',
    'identify',
    'interface',
  ].map((name) => `@libp2p/${name}`),
  ...['kad-dht', 'noise', 'peer-id', 'ping', 'webrtc', 'websockets', 'yamux'].map(
    (name) => `@libp2p/${name}`,
  ),
];

const PROTOCOL = '/test/1';
const quiet = () => undefined;
const log = { error: quiet, warn: quiet, info: quiet, debug: quiet, child: () => log };

describeWithChromium('a page in a real browser', () => {
  it('reaches a node by WebRTC, without a certificate that others sign, and is called back', async () => {
    await using node = await openNetwork(
      {
        clock: { nowMs: () => Date.now() },
        timer: {
          schedule(delayMs, action) {
            const handle = setTimeout(() => void action(), delayMs).unref();
            return () => clearTimeout(handle);
          },
        },
        crypto: createPureCrypto(),
        log,
        identity: new Uint8Array(32).fill(9),
      },
      {
        chainId: new Uint8Array(32).fill(7),
        transports: ['webrtc'],
        listen: ['/ip4/127.0.0.1/udp/0/webrtc-direct'],
      },
    );
    node.listen(PROTOCOL, async (stream) => {
      for (let frame = await stream.read(); frame !== null; frame = await stream.read()) {
        await stream.write(frame);
      }
      await stream.closeWrite();
    });
    node.listen('/test/call-me/1', async (stream) => {
      await stream.read();
      const back = await node.dial(stream.remote, PROTOCOL);
      await back.write(new Uint8Array(20_000));
      await back.closeWrite();
      await back.read();
    });
    await using server = await servePage(new URL('./pages/webrtc-page.ts', import.meta.url), null, LIBRARIES);
    const [address = ''] = node.addresses();
    expect(await server.open({ address, peer: node.peer, protocol: PROTOCOL })).toEqual({
      reached: [node.peer],
      lengths: [0, 1, 16_000, 17_000, 1024 * 1024],
      isEnded: true,
      called: 20_000,
      dials: 'http:',
    });
  });
});
