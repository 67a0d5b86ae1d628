import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bytesToHex, createBeaconSigner } from '@cairn/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpBeacon, parsePulse } from '../../src/beacon/http-beacon.ts';
import { QUICKNET } from '../../src/beacon/quicknet.ts';
import { aLog, crypto } from '../rpc/parts.ts';

const signer = createBeaconSigner(new Uint8Array(32).fill(13));
const answerOf = (round: number) =>
  JSON.stringify({ round, randomness: '00', signature: bytesToHex(signer.sign(BigInt(round))) });

/** A server of drand's API on this machine. */
async function aServer(answer: (path: string) => { status?: number; body: string }) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const { status = 200, body } = answer(request.url!);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/chain` };
}

const never = new AbortController().signal;

describe('createHttpBeacon', () => {
  it('fetches the pulse of a round, from the next source where one fails', async () => {
    const down = await aServer(() => ({ status: 500, body: 'down' }));
    const good = await aServer(() => ({ body: answerOf(7) }));
    const log = aLog();
    const beacon = createHttpBeacon({ log }, { urls: ['http://127.0.0.1:1/x', down.url, `${good.url}/`] });
    const signature = await beacon.pulse(7n, never);
    expect(crypto.verifyPulse(signer.publicKey, 7n, signature!)).toBe(true);
    expect(down.asked).toEqual(['/chain/public/7']);
    expect(good.asked).toEqual(['/chain/public/7']);
  });

  it('has nothing when the round is not out, the answer is of another, too long, or no answer', async () => {
    const bodies = {
      'not out': { status: 425, body: '' },
      another: { body: answerOf(8) },
      long: { body: `${' '.repeat(5_000)}${answerOf(7)}` },
      'no JSON': { body: '<html>' },
      null: { body: 'null' },
    };
    for (const [name, answer] of Object.entries(bodies)) {
      const { url } = await aServer(() => answer);
      expect(await createHttpBeacon({ log: aLog() }, { urls: [url] }).pulse(7n, never), name).toBeNull();
    }
    expect(await createHttpBeacon({ log: aLog() }, { urls: [] }).pulse(7n, never)).toBeNull();
  });

  it('stops when it is told to', async () => {
    const { url } = await aServer(() => ({ body: answerOf(7) }));
    expect(
      await createHttpBeacon({ log: aLog() }, { urls: [url] }).pulse(7n, AbortSignal.abort()),
    ).toBeNull();
  });
});

describe('parsePulse', () => {
  it('takes a signature of the right length in hex and nothing else', () => {
    const good = { round: 7, signature: 'ab'.repeat(48) };
    expect(parsePulse(JSON.stringify(good), 7n)).toHaveLength(48);
    for (const signature of ['ab'.repeat(47), `zz${'ab'.repeat(47)}`, '', 7, null])
      expect(parsePulse(JSON.stringify({ ...good, signature }), 7n)).toBeNull();
    expect(parsePulse(JSON.stringify({ ...good, round: '7' }), 7n)).toBeNull();
  });
});

describe('the quicknet that the node knows', () => {
  it('is the one whose published pulses hold', () => {
    const pulse =
      'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39';
    expect(crypto.verifyPulse(QUICKNET.publicKey, 1000n, Uint8Array.from(Buffer.from(pulse, 'hex')))).toBe(
      true,
    );
  });
});
