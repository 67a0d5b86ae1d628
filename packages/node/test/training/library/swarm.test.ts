import { createManualTime } from '@cairn/chain';
import { createMemoryNetwork } from '@cairn/network';
import { BLOB_PROTOCOL, encodeBlobFrame, MAX_BLOB_PART_BYTES, type Stream } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { serveBlobs } from '../../../src/blobs/serve-blobs.ts';
import { createDonorGate } from '../../../src/training/library/donor-gate.ts';
import { fetchBlobs, type SwarmOptions } from '../../../src/training/library/swarm.ts';
import { aLog, crypto } from '../../rpc/parts.ts';
import { aLibrary, bytesOf, idOf } from './parts.ts';

const PAGES = Array.from({ length: 12 }, (_, seed) => bytesOf(5_000 + seed, seed));
const IDS = PAGES.map(idOf);

function aSwarm() {
  const time = createManualTime(0);
  const network = createMemoryNetwork();
  const log = aLog();
  const asked = new Map<string, number>();
  const served: Record<string, number> = {};

  /** A donor that has these pages. */
  async function donor(name: string, pages: readonly Uint8Array[] = PAGES): Promise<string> {
    const { library } = aLibrary();
    for (const page of pages) await library.put('run', page);
    const transport = network.join(name);
    serveBlobs({
      ...{ transport, timer: time.timer, log },
      find: async (id) => {
        served[name] = (served[name] ?? 0) + 1;
        asked.set(id, (asked.get(id) ?? 0) + 1);
        return library.getShown(id);
      },
    });
    return name;
  }
  /** One that answers by hand. */
  function odd(name: string, answer: (stream: Stream) => Promise<void>): string {
    network.join(name).listen(BLOB_PROTOCOL, async (stream) => {
      await stream.read();
      served[name] = (served[name] ?? 0) + 1;
      await answer(stream);
    });
    return name;
  }
  let joined = 0;
  function newcomer() {
    const { library } = aLibrary();
    const transport = network.join(`newcomer-${joined++}`);
    const gate = createDonorGate();
    const had: string[] = [];
    const fetch = (
      donors: readonly string[],
      ids: readonly string[] = IDS,
      more: Partial<SwarmOptions> = {},
    ) =>
      fetchBlobs(
        { crypto, timer: time.timer, transport, library, log, gate },
        ids.map((id) => ({ id, maxBytes: 2 ** 20 })),
        { run: 'run', donors, onBlob: ({ donor: from }) => had.push(from), ...more },
      );
    /** Each from the donor at its place. */
    const fetchOf = (donors: readonly string[]) =>
      fetchBlobs(
        { crypto, timer: time.timer, transport, library, log, gate },
        IDS.map((id, index) => ({ id, maxBytes: 2 ** 20, holder: donors[index]! })),
        { run: 'run', donors },
      );
    return { library, fetch, fetchOf, had };
  }
  return { time, network, log, asked, served, donor, odd, newcomer };
}

const settle = async () => {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const size = (sizeBytes: number) => encodeBlobFrame({ type: 'size', sizeBytes });
const part = (bytes: Uint8Array) => encodeBlobFrame({ type: 'part', bytes });

describe('fetching from a swarm', () => {
  it('brings everything, from three donors at once and each blob once', async () => {
    const { donor, newcomer, asked } = aSwarm();
    const donors = [await donor('a'), await donor('b'), await donor('c')];
    const { library, fetch, had } = newcomer();
    await fetch(donors);
    for (const [at, id] of IDS.entries()) expect(await library.get(id)).toEqual(PAGES[at]);
    expect(new Set(had).size).toBe(3);
    expect([...asked.values()].every((times) => times === 1)).toBe(true);
    await fetch([]);
  });

  it('asks no more than three of many donors, and not every newcomer the same', async () => {
    const { donor, newcomer, served } = aSwarm();
    const donors = await Promise.all(Array.from({ length: 20 }, (_, index) => donor(`donor-${index}`)));
    const first = newcomer();
    await first.fetch(donors);
    expect(Object.keys(served).length).toBe(3);
    for (let count = 0; count < 12; count++) await newcomer().fetch(donors);
    expect(Object.keys(served).length).toBeGreaterThan(9);
  });

  it('asks a donor for no more at a time than it serves, whatever the number of calls', async () => {
    const { donor, newcomer } = aSwarm();
    const donors = [await donor('a'), await donor('b', [])];
    const { library, fetch } = newcomer();
    await Promise.all(IDS.map((id) => fetch(donors, [id])));
    for (const id of IDS) expect(library.has(id), id).toBe(true);
  });

  it('asks first who made a blob, when that is known', async () => {
    const { donor, newcomer, served } = aSwarm();
    const donors = await Promise.all(
      IDS.map((_, index) => donor(`donor-${index}`, PAGES.slice(index, index + 1))),
    );
    await newcomer().fetchOf(donors);
    expect(served).toEqual(Object.fromEntries(donors.map((name) => [name, 1])));
  });

  it('puts another in the place of a donor that dies half-way', async () => {
    const { donor, newcomer, network } = aSwarm();
    const donors = [await donor('a'), await donor('b'), await donor('c')];
    const { library, fetch, had } = newcomer();
    let count = 0;
    await fetch(donors, IDS, {
      onBlob: ({ donor: from }) => {
        had.push(from);
        count += 1;
        if (count === 4) network.part('a', 'newcomer-0');
      },
    });
    expect(IDS.every((id) => library.has(id))).toBe(true);
  });

  it('asks again over a link that breaks now and then, and not for ever', async () => {
    const { odd, newcomer, served } = aSwarm();
    let streams = 0;
    const donors = [
      odd('shaky', async (stream) => {
        streams += 1;
        if (streams <= 2) return stream.abort('the link broke');
        await stream.write(size(PAGES[0]!.length));
        await stream.write(part(PAGES[0]!));
      }),
    ];
    const { library, fetch } = newcomer();
    await fetch(donors, IDS.slice(0, 1));
    expect([library.has(IDS[0]!), served.shaky]).toEqual([true, 3]);
    const gone = [odd('gone', async (stream) => stream.abort('the link broke'))];
    await expect(newcomer().fetch(gone, IDS.slice(0, 1))).rejects.toMatchObject({ code: 'BLOB_NOT_FETCHED' });
    expect(served.gone).toBe(3);
  });

  it('does not ask again who lies, and keeps nothing of it', async () => {
    const { donor, odd, newcomer, served } = aSwarm();
    const donors = [
      odd('liar', async (stream) => {
        await stream.write(size(3));
        await stream.write(part(Uint8Array.of(1, 2, 3)));
      }),
      odd('flood', async (stream) => {
        await stream.write(size(60 * 2 ** 20));
        for (;;) await stream.write(part(new Uint8Array(MAX_BLOB_PART_BYTES)));
      }),
      await donor('honest'),
    ];
    const { library, fetch, had } = newcomer();
    await fetch(donors);
    expect(served.liar).toBe(1);
    expect(served.flood).toBe(1);
    expect(new Set(had)).toEqual(new Set(['honest']));
    expect(library.blobsOf('run').sort()).toEqual([...IDS].sort());
  });

  it('races a donor that is slow', async () => {
    const { donor, odd, newcomer, time } = aSwarm();
    const hang = odd('slow', async (stream) => {
      await stream.write(size(PAGES[0]!.length));
      await new Promise(() => undefined);
    });
    const quick = await donor('quick');
    const { library, fetch, had } = newcomer();
    const fetched = fetch([hang, quick]);
    await settle();
    await time.advance(4_000);
    await fetched;
    expect(IDS.every((id) => library.has(id))).toBe(true);
    expect(new Set(had)).toEqual(new Set(['quick']));
  });

  it('looks for each blob where it is', async () => {
    const { donor, newcomer } = aSwarm();
    const donors = [
      await donor(
        'even',
        PAGES.filter((_, at) => at % 2 === 0),
      ),
      await donor('odd', PAGES),
    ];
    const { library, fetch } = newcomer();
    await fetch(donors);
    expect(IDS.every((id) => library.has(id))).toBe(true);
  });

  it('says what it did not get and why, and keeps the rest', async () => {
    const { donor, newcomer } = aSwarm();
    const some = await donor('some', PAGES.slice(1));
    const { library, fetch } = newcomer();
    await expect(fetch([some, 'gone'])).rejects.toMatchObject({
      problem: { code: 'BLOB_NOT_FETCHED', id: IDS[0] },
    });
    expect(IDS.slice(1).every((id) => library.has(id))).toBe(true);
    await expect(fetch([])).rejects.toThrow('there is nobody to ask');
  });

  it('ends when it is called off', async () => {
    const { odd, newcomer } = aSwarm();
    const hang = odd('slow', () => new Promise(() => undefined));
    const abort = new AbortController();
    const fetched = newcomer().fetch([hang], IDS, { signal: abort.signal });
    await settle();
    abort.abort(new Error('no longer'));
    await expect(fetched).rejects.toThrow('no longer');
  });
});
