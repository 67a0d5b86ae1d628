import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { aNetworkBy, until } from '../support/networks.ts';
import { aUdpSocket, sendAll } from '../support/udp.ts';

const LISTENERS = 8;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** A question of whoever wants to connect: a user name, and a place where a signature of it would be. */
function aQuestion(): Uint8Array {
  const name = Buffer.from('abcd:efgh');
  const attributes = Buffer.concat([
    ...[Buffer.from([0, 6, 0, name.length]), name, Buffer.alloc(-name.length & 3)],
    ...[Buffer.from([0, 8, 0, 20]), Buffer.alloc(20)],
  ]);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(1, 0);
  head.writeUInt16BE(attributes.length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  return Buffer.concat([head, attributes]);
}

describe('a listener of WebRTC', () => {
  it('is refused a port that is taken before the library, which would write of it to standard output, is asked', async () => {
    await using taken = await aUdpSocket();
    const listen = [`/ip4/127.0.0.1/udp/${taken.address().port}/webrtc-direct`];
    const cause = { message: expect.stringContaining('bind EADDRINUSE') };
    await expect(aNetworkBy('webrtc', { listen })).rejects.toMatchObject({ code: 'LISTEN_FAILED', cause });
  });

  it('closes while strangers ask, and the process goes on', async () => {
    await using socket = await aUdpSocket();
    let ports: number[] = [];
    let asked = 0;
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        for (const port of ports) await sendAll(socket, port, [aQuestion()]);
        asked += 1;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (let index = 0; index < LISTENERS; index++) {
      const network = await aNetworkBy('webrtc', {}, {});
      ports = [Number(/\/udp\/(\d+)\//.exec(network.addresses()[0] ?? '')?.[1])];
      const before = asked;
      await until(() => asked > before + 200);
      await network[Symbol.asyncDispose]();
      collectGarbage();
      const after = asked;
      await until(() => asked > after + 200);
    }
    isOver = true;
    await asking;
    expect(asked).toBeGreaterThan(LISTENERS * 400);
  });
});
