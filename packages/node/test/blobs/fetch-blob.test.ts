import { createHash } from 'node:crypto';
import { createManualTime } from '@cairn/chain';
import { createMemoryNetwork } from '@cairn/network';
import {
  BLOB_PROTOCOL,
  encodeBlobFrame,
  MAX_BLOB_BYTES,
  MAX_BLOB_PART_BYTES,
  type Stream,
} from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { type FetchBlobOptions, fetchBlob } from '../../src/blobs/fetch-blob.ts';
import { createEvidenceServer } from '../../src/evidence/evidence-server.ts';
import { aBlobStore, aRecordStore } from '../data/parts.ts';
import { aLog, crypto } from '../rpc/parts.ts';

const idOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const somethingOf = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31) & 0xff);

function aNetwork() {
  const time = createManualTime(0);
  const network = createMemoryNetwork({});
  const server = network.join('server');
  const client = network.join('client');
  const fetch = (id: string, options: FetchBlobOptions = {}) =>
    fetchBlob({ crypto, timer: time.timer, transport: client }, 'server', id, options);
  return { time, network, server, client, fetch };
}

/** A peer that publishes through the real server. */
function aPublisher() {
  const net = aNetwork();
  const blobs = aBlobStore();
  const records = aRecordStore();
  const log = aLog();
  const parts = { transport: net.server, blobs, records, timer: net.time.timer, log };
  return { ...net, blobs, records, log, parts, evidence: createEvidenceServer(parts) };
}

/** What a peer that answers by hand makes of a fetch: the reason, or the bytes. */
async function reasonOf(
  answer: (stream: Stream) => Promise<void>,
  { wait = 0, id = idOf(somethingOf(10)) }: { wait?: number; id?: string } = {},
): Promise<string> {
  const { time, server, fetch } = aNetwork();
  server.listen(BLOB_PROTOCOL, async (stream) => {
    await stream.read();
    await answer(stream);
  });
  const outcome = fetch(id).then(
    (bytes) => `had ${bytes?.length}`,
    (error: { code: string; problem: { reason: string } }) => {
      expect(error.code).toBe('BLOB_NOT_FETCHED');
      return error.problem.reason;
    },
  );
  if (wait > 0) {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    await time.advance(wait);
  }
  return outcome;
}

const size = (sizeBytes: number) => encodeBlobFrame({ type: 'size', sizeBytes });
const part = (bytes: Uint8Array) => encodeBlobFrame({ type: 'part', bytes });

describe('fetching a blob', () => {
  it.each([1, 1_000, MAX_BLOB_PART_BYTES, MAX_BLOB_PART_BYTES + 1, 3 * MAX_BLOB_PART_BYTES])(
    'brings %i bytes as they were published',
    async (length) => {
      const { evidence, fetch } = aPublisher();
      const bytes = somethingOf(length);
      await evidence.publish(bytes);
      expect(await fetch(idOf(bytes))).toEqual(bytes);
    },
  );

  it('never gets what was not published, though the store has it', async () => {
    const { blobs, evidence, fetch } = aPublisher();
    await evidence.publish(somethingOf(5));
    const secret = somethingOf(77);
    const id = await blobs.put(secret);
    expect(await blobs.get(id)).toEqual(secret);
    expect(await fetch(id)).toBeNull();
    expect(await fetch(idOf(somethingOf(4_000)))).toBeNull();
  });

  it('still gets what was published before a restart', async () => {
    const { parts, evidence, fetch } = aPublisher();
    await evidence.publish(somethingOf(5));
    evidence[Symbol.dispose]();
    await expect(fetch(idOf(somethingOf(5)))).rejects.toMatchObject({ code: 'BLOB_NOT_FETCHED' });
    createEvidenceServer(parts);
    expect(await fetch(idOf(somethingOf(5)))).toEqual(somethingOf(5));
  });

  it('refuses bytes with another hash', async () => {
    const reason = await reasonOf(async (stream) => {
      await stream.write(size(3));
      await stream.write(part(Uint8Array.of(1, 2, 3)));
    });
    expect(reason).toBe('what it sent has another hash');
  });

  it('refuses an announcement above the bound, and parts that are not those of the announced size', async () => {
    const announced = encodeBlobFrame({ type: 'size', sizeBytes: MAX_BLOB_BYTES + 1 });
    expect(await reasonOf((stream) => stream.write(announced))).toContain('malformed');
    for (const [announces, sends] of [
      [10, 11],
      [10, 9],
      [2 * MAX_BLOB_PART_BYTES, 1],
    ] as const) {
      const reason = await reasonOf(async (stream) => {
        await stream.write(size(announces));
        await stream.write(part(new Uint8Array(sends)));
      });
      expect(reason, `${announces} ${sends}`).toContain('not those of the size');
    }
    expect(await reasonOf((stream) => stream.write(part(Uint8Array.of(1))))).toContain('before the size');
    expect(await reasonOf((stream) => stream.write(Uint8Array.of(0xff, 1)))).toContain('malformed');
  });

  it('takes no more than was announced from a stream without end', async () => {
    let sent = 0;
    const endless = async (stream: Stream) => {
      await stream.write(size(10));
      await stream.write(part(somethingOf(10)));
      for (;;) {
        await stream.write(part(new Uint8Array(MAX_BLOB_PART_BYTES)));
        sent += 1;
      }
    };
    expect(await reasonOf(endless)).toBe('it sent more than the 10 bytes it announced');
    expect(sent).toBeLessThan(4);
  });

  it('refuses a blob that ends early or is cut', async () => {
    expect(await reasonOf((stream) => stream.write(size(10)))).toBe('it stopped before the end');
    const cut = async (stream: Stream) => stream.abort('<script>');
    expect(await reasonOf(cut)).toBe('it cut the stream');
  });

  it('gives up on a peer that is silent, in the middle too, and on one that drips', async () => {
    const hang = () => new Promise<void>(() => undefined);
    expect(await reasonOf(hang, { wait: 10_000 })).toBe('it was silent for 10000 ms');
    const halfway = async (stream: Stream) => {
      await stream.write(size(2 * MAX_BLOB_PART_BYTES));
      await stream.write(part(new Uint8Array(MAX_BLOB_PART_BYTES)));
      await hang();
    };
    expect(await reasonOf(halfway, { wait: 10_000 })).toBe('it was silent for 10000 ms');
    const { time, server, fetch } = aNetwork();
    const dripped: Stream[] = [];
    server.listen(BLOB_PROTOCOL, async (stream) => {
      dripped.push(stream);
      await stream.write(size(MAX_BLOB_BYTES));
      await hang();
    });
    const outcome = expect(fetch(idOf(somethingOf(1)))).rejects.toMatchObject({
      problem: { reason: 'it took longer than 60000 ms' },
    });
    for (let count = 0; count < 12; count++) {
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      await time.advance(5_000);
      await dripped[0]!.write(part(new Uint8Array(MAX_BLOB_PART_BYTES))).catch(() => undefined);
    }
    await outcome;
    await expect(dripped[0]!.write(Uint8Array.of(1))).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
  });

  it('ends when it is called off, and says when the peer is not there', async () => {
    const { server, fetch, network } = aNetwork();
    server.listen(BLOB_PROTOCOL, () => new Promise(() => undefined));
    const abort = new AbortController();
    const outcome = fetch(idOf(somethingOf(1)), { signal: abort.signal });
    abort.abort();
    await expect(outcome).rejects.toMatchObject({ problem: { reason: 'the fetch was called off' } });
    network.part('server', 'client');
    await expect(fetch(idOf(somethingOf(1)))).rejects.toThrow('cannot be reached');
  });
});

describe('serving blobs', () => {
  it('serves one peer a few streams at a time and forgets those that stall', async () => {
    const { evidence, client, time, fetch } = aPublisher();
    const bytes = somethingOf(10);
    await evidence.publish(bytes);
    const stalled = [];
    for (let count = 0; count < 2; count++) stalled.push(await client.dial('server', BLOB_PROTOCOL));
    await expect(fetch(idOf(bytes))).rejects.toMatchObject({ problem: { reason: 'it cut the stream' } });
    await time.advance(60_000);
    for (const stream of stalled)
      await expect(stream.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    expect(await fetch(idOf(bytes))).toEqual(bytes);
  });

  it('ends a stream whose request is malformed', async () => {
    const { client } = aPublisher();
    for (const request of [Uint8Array.of(1, 2, 3), new Uint8Array(10_000)]) {
      const stream = await client.dial('server', BLOB_PROTOCOL);
      await stream.write(request);
      await expect(stream.read()).rejects.toMatchObject({ code: 'STREAM_ABORTED' });
    }
  });
});
