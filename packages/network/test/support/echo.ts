import { expect } from 'vitest';
import type { Network, NetworkLimits, NetworkParts, TransportName } from '../../src/index.ts';
import { aNetworkBy, until } from './networks.ts';

export const ECHO_PROTOCOL = '/test/1';

/** A peer that has this one transport only and sends back what it is sent. */
export async function anEchoBy(
  transport: TransportName,
  limits: Partial<NetworkLimits> = {},
  parts: Partial<NetworkParts> = {},
): Promise<Network> {
  const network = await aNetworkBy(transport, { limits }, parts);
  network.listen(ECHO_PROTOCOL, async (stream) => {
    for (let frame = await stream.read(); frame !== null; frame = await stream.read()) {
      await stream.write(frame);
    }
    await stream.closeWrite();
  });
  return network;
}

/** Sends frames of these lengths to such a peer, expects each back, says the end, and that nothing stays held there. */
export async function expectEchoes(
  guest: Network,
  echo: Network,
  frameBytes: readonly number[],
): Promise<void> {
  const stream = await guest.dial(echo.peer, ECHO_PROTOCOL);
  expect(stream.remote).toBe(echo.peer);
  for (const length of frameBytes) {
    const frame = new Uint8Array(length).fill(length % 251);
    await stream.write(frame);
    expect(await stream.read(), `${length} bytes`).toEqual(frame);
  }
  await stream.closeWrite();
  expect(await stream.read()).toBeNull();
  await until(() => echo.usage().streams === 0 && echo.usage().heldBytes === 0);
}
