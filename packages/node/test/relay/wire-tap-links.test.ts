import { describe, expect, it } from 'vitest';
import { serveRelay } from '../../src/relay/relay-server.ts';
import { anHttpTown } from '../miner/http-town.ts';
import { recordedLinks } from './recorded-links.ts';
import { findOnWire, formsOf } from './tap.ts';

/** Words that are nowhere by chance; the echo engine answers with them, a word at a time. */
const MARKERS = ['xylophonically', 'quadrilateralism', 'zwitterionically', 'floccinaucinihil'];
const QUESTION = MARKERS.join(' ');

describe('a wire tap on the TCP links between gateway, relay and provider', () => {
  it('finds no form of a word of question or answer', async () => {
    await using wires = await recordedLinks(['payer', 'relay', 'miner']);
    await using town = await anHttpTown({
      sealing: 'x-wing',
      sealMode: 'required',
      links: wires.transportOf,
      relay: 'relay',
    });
    using _ = serveRelay({ ...town, transport: town.join('relay'), isProvider: async () => true });
    for (const fields of [{}, { stream: true }]) {
      const { status, text } = await town.chat(QUESTION, fields);
      expect(status, text).toBe(200);
      for (const marker of MARKERS) expect(text).toContain(marker);
    }
    // To the provider by the relay, to the relay by the gateway; nobody knows the gateway's own address.
    const [toMiner, toRelay] = wires.links();
    expect(toMiner!.length).toBeGreaterThan(4_000);
    expect(toRelay!.length).toBeGreaterThan(4_000);
    for (const text of [QUESTION, ...MARKERS]) {
      const ids = (await town.miner.model.tokenize({ kind: 'text', text })) ?? [];
      expect(findOnWire(wires.links(), formsOf(text, ids)), text).toEqual([]);
    }
  });
});
