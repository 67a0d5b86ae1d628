import {
  decodeRelayAnswerFrame,
  encodeRelayFrame,
  INFER_PROTOCOL,
  RELAY_PROTOCOL,
  type Stream,
} from '@cairn/protocol';
import { createRelayedTransport } from '@cairn/sdk';
import { describe, expect, it } from 'vitest';
import { gather, words } from '../miner/asking.ts';
import { aRelayTown } from './parts.ts';

describe('a relay', () => {
  it('passes a sealed answer on, paid and receipted, and is all that the provider sees', async () => {
    const dialled: string[] = [];
    const town = await aRelayTown({
      network: {
        onFrame({ from, to }) {
          dialled.push(`${from} to ${to}`);
          return 'pass';
        },
      },
    });
    const { text, end } = await gather(town.ask(words(120)));
    expect(text).toBe(words(120));
    expect(end.sealed).toBe('x25519');
    expect(new Set(dialled)).toEqual(
      new Set(['payer to relay', 'relay to payer', 'relay to miner', 'miner to relay']),
    );
    await gather(town.ask('again'));
    const [channel] = town.miner.payee.channels();
    expect(channel?.record.isTrusted).toBe(true);
  });

  it('passes no request in clear on', async () => {
    const town = await aRelayTown();
    await expect(gather(town.ask('hello', { seal: 'off' }))).rejects.toMatchObject({ code: 'PROVIDER_LOST' });
  });

  it('reaches providers only, and says so of one that is gone', async () => {
    const town = await aRelayTown();
    await expect(gather(town.ask('hello', { peer: 'bank' }))).rejects.toMatchObject({
      code: 'RELAY_REFUSED',
      problem: { reason: 'NOT_ALLOWED' },
    });
    await expect(gather(town.ask('hello', { peer: 'miner-gone' }))).rejects.toMatchObject({
      code: 'RELAY_REFUSED',
      problem: { reason: 'UNREACHABLE' },
    });
  });

  it('passes on only so many streams at a time, so many in a minute and so many bytes', async () => {
    const busy = await aRelayTown({ limits: { streamsPerPeer: 1 } });
    const held = await busy.payerTransport.dial('relay', RELAY_PROTOCOL);
    await expect(gather(busy.ask('hello'))).rejects.toMatchObject({ problem: { reason: 'BUSY' } });
    held.abort('enough');
    await held.read().catch(() => null);

    const often = await aRelayTown({ limits: { streamsPerMinute: 2 } });
    await gather(often.ask('one'));
    await gather(often.ask('two'));
    await expect(gather(often.ask('three'))).rejects.toMatchObject({ problem: { reason: 'BUSY' } });
    often.clock.advance(60_000);
    expect((await gather(often.ask('four'))).text).toBe('four');

    const much = await aRelayTown({ limits: { bytesPerMinute: 4_000 } });
    await expect(gather(much.ask(words(200)))).rejects.toMatchObject({ code: 'PROVIDER_LOST' });
  });

  it('ends streams that are silent, and refuses what is no frame', async () => {
    const town = await aRelayTown();
    const silent = await town.payerTransport.dial('relay', RELAY_PROTOCOL);
    while (town.timer.waiting === 0) await Promise.resolve();
    await town.timer.fire();
    await expect(silent.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    for (const bytes of [
      new Uint8Array([1, 2, 3]),
      new Uint8Array(5_000),
      encodeRelayFrame({ type: 'ready' }),
    ]) {
      const stream = await town.payerTransport.dial('relay', RELAY_PROTOCOL);
      await stream.write(bytes);
      const told = decodeRelayAnswerFrame((await stream.read()) ?? new Uint8Array());
      expect(told).toMatchObject({ type: 'refused', code: 'MALFORMED' });
    }
  });

  it('that says nothing holds nobody up for ever, nor longer than somebody waits', async () => {
    const town = await aRelayTown();
    const asked: Stream[] = [];
    town.join('mute').listen(RELAY_PROTOCOL, async (stream) => void asked.push(stream));
    const through = createRelayedTransport(town.payerTransport, 'mute', town.timer);
    const silent = through.dial('miner', INFER_PROTOCOL);
    silent.catch(() => undefined);
    while (town.timer.waiting === 0) await Promise.resolve();
    await town.timer.fire();
    await expect(silent).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    const leaving = new AbortController();
    const left = through.dial('miner', INFER_PROTOCOL, { signal: leaving.signal });
    left.catch(() => undefined);
    while (town.timer.waiting === 0) await Promise.resolve();
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' });
    expect(town.timer.waiting).toBe(0);
  });

  it('lets go of everything when it stops', async () => {
    const town = await aRelayTown();
    const stream = await town.payerTransport.dial('relay', RELAY_PROTOCOL);
    await Promise.resolve();
    town.relay[Symbol.dispose]();
    await expect(stream.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    await expect(town.payerTransport.dial('relay', RELAY_PROTOCOL)).rejects.toMatchObject({
      code: 'PROTOCOL_UNSUPPORTED',
    });
  });
});
