/** Runs in a browser: reaches a node by WebRTC and tells what came of it. */
// First, as it takes a part of Node's Buffer for the whole of it when it is loaded.
import '@libp2p/webrtc';
import '../../packages/node/test/light/buffer-in-browsers.ts';
import { createPureCrypto } from '../../packages/core/src/index.ts';
import { openBrowserNetwork } from '../../packages/network/src/browser.ts';

// Read by now by all that wants it while it is loaded.
Reflect.deleteProperty(globalThis, 'Buffer');

const asked = new URLSearchParams(location.search);
const text = (name: string) => asked.get(name) ?? '';
const quiet = () => undefined;
const log = { error: quiet, warn: quiet, info: quiet, debug: quiet, child: () => log };

async function talk() {
  const page = await openBrowserNetwork(
    {
      clock: { nowMs: () => Date.now() },
      timer: {
        schedule(delayMs, action) {
          const handle = setTimeout(() => void action(), delayMs);
          return () => clearTimeout(handle);
        },
      },
      crypto: createPureCrypto(),
      log,
      identity: crypto.getRandomValues(new Uint8Array(32)),
    },
    { chainId: new Uint8Array(32).fill(7), bootstrap: [text('address')] },
  );
  const { reached } = await page.join();
  const stream = await page.dial(text('peer'), text('protocol'));
  const lengths: number[] = [];
  for (const length of [0, 1, 16_000, 17_000, 1024 * 1024]) {
    await stream.write(new Uint8Array(length).fill(length % 251));
    const frame = await stream.read();
    if (frame?.every((byte) => byte === length % 251)) lengths.push(frame.length);
  }
  await stream.closeWrite();
  const isEnded = (await stream.read()) === null;
  // The node opens a stream of its own, on the connection that the page has made.
  const called = new Promise<number>((resolve) => {
    page.listen(text('protocol'), async (back) => {
      resolve((await back.read())?.length ?? -1);
      await back.closeWrite();
    });
  });
  await (await page.dial(text('peer'), '/test/call-me/1')).write(new Uint8Array(1));
  return { reached, lengths, isEnded, called: await called, dials: location.protocol };
}

const told = await talk().catch((error: unknown) => ({ error: String(error) }));
await fetch(text('tell'), { method: 'POST', body: JSON.stringify(told) });
