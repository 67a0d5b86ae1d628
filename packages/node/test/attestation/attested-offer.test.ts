import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PEBBLES_PER_CAIRN } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { VendorRoots } from '../../src/attestation/vendor-roots.ts';
import { privacyMethod } from '../../src/control/privacy-method.ts';
import { serveRelay } from '../../src/relay/relay-server.ts';
import { startGatewayRole } from '../../src/roles/gateway-role.ts';
import { aRecordStore } from '../data/parts.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown, type SubnetTownOptions } from '../validator/subnet-town.ts';
import { aTdxQuote, RECORDED_MS, recorded, TEST_ROOTS } from './quotes.ts';

/** When those of the tests are valid. */
const IN_2030 = Date.UTC(2030, 0, 1);

/** A miner of the ledger that shows a quote, and a gateway that believes some roots. */
async function aMarket(
  quote: SubnetTownOptions['quote'],
  roots?: VendorRoots,
  atMs = IN_2030,
  relay?: PeerName,
) {
  const town = await aSubnetTown([aModel(() => '0 0 * * *')], quote === undefined ? {} : { quote });
  // Certificates are looked at by the gateway's own time.
  const laterMs = atMs - town.parts.clock.nowMs();
  const clock = { nowMs: () => town.parts.clock.nowMs() + laterMs };
  const seat = town.network.join('gateway');
  const dialled: PeerName[] = [];
  if (relay !== undefined) {
    const transport = town.network.join(relay);
    const serving = serveRelay({ ...town.parts, transport, isProvider: async () => true });
    onTestFinished(() => serving[Symbol.dispose]());
  }
  const role = await town.during(
    startGatewayRole(
      { ...town.parts, clock },
      {
        client: town.accounts.gateway,
        transport: {
          ...seat,
          dial(peer, protocol, options) {
            dialled.push(peer);
            return seat.dial(peer, protocol, options);
          },
        },
        ...(relay === undefined ? {} : { relay }),
        ...{ records: aRecordStore(), storage: aRecordStore(), keys: [] },
        mostPerAnswer: PEBBLES_PER_CAIRN,
        firstModel: 'cairn/stub',
        knownQuestion: () => null,
        ...(roots === undefined ? {} : { roots }),
      },
    ),
  );
  onTestFinished(() => town.during(Promise.resolve(role[Symbol.asyncDispose]())));
  const server = createServer((request, response) => void role.gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  async function ask(cairn: object) {
    const response = await town.during(
      fetch(`${url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ model: 'cairn/stub', max_tokens: 8, cairn },
          messages: [{ role: 'user', content: 'hello' }],
        }),
      }),
    );
    return { status: response.status, privacy: response.headers.get('x-cairn-privacy') };
  }
  const [offer] = await town.parts.ledger.query<{ id: string; tier: number }[]>('registry_offers', {
    ...{ after: null, limit: 0 },
  });
  const refusals = () => town.log.lines.filter((line) => line.includes('attested hardware'));
  /** What `model search` shows of the offer. */
  const shown = async () =>
    privacyMethod({ gateway: role, parts: town.parts }).run({}) as Promise<
      { offer: string; level: string }[]
    >;
  return { town, ask, offer: offer!, refusals, shown, dialled };
}

describe('an offer of attested hardware, from the miner to the badge', () => {
  it('has the badge L2 and is asked by who wants it, when the quote leads to a root that is believed', async () => {
    const { town, ask, offer, refusals, shown } = await aMarket(
      (reportData) => aTdxQuote({ reportData }),
      TEST_ROOTS,
    );
    expect(offer.tier).toBe(3);
    await town.until('the quote was looked at', async () => (await ask({})).privacy?.includes('L2') === true);
    expect(await ask({ attested: true })).toMatchObject({
      status: 200,
      privacy: expect.stringContaining('L2'),
    });
    expect(refusals()).toEqual([]);
    expect(await shown()).toEqual([{ offer: offer.id, level: 'L2' }]);
  });

  it('is not looked at by a gateway behind a relay, whose address its provider would learn, and counts as unproved', async () => {
    const { ask, offer, shown, dialled } = await aMarket(
      (reportData) => aTdxQuote({ reportData }),
      TEST_ROOTS,
      IN_2030,
      'relay',
    );
    for (const _ of [1, 2, 3])
      expect(await ask({})).toMatchObject({ status: 200, privacy: expect.stringContaining('L1') });
    expect((await ask({ attested: true })).status).toBe(503);
    expect(await shown()).toEqual([{ offer: offer.id, level: 'L1' }]);
    expect(new Set(dialled)).toEqual(new Set(['relay']));
  });

  it.each<[string, SubnetTownOptions['quote'], VendorRoots | undefined, number, string]>([
    [
      'a quote of Intel’s hardware for somebody else',
      () => recorded('tdx-v4.bin'),
      undefined,
      RECORDED_MS,
      'other keys',
    ],
    [
      'a report of AMD’s of a guest under a debugger',
      () => recorded('sev-snp-v2.bin'),
      undefined,
      RECORDED_MS,
      'debugged',
    ],
    ['one for other keys', () => aTdxQuote(), TEST_ROOTS, IN_2030, 'it vouches for other keys'],
    ['one whose root is nobody’s', (reportData) => aTdxQuote({ reportData }), undefined, IN_2030, 'root'],
    ['garbage', () => new Uint8Array(5_000).fill(7), undefined, IN_2030, 'reason'],
  ])('has no badge with %s, which its gateway names, and is not asked by who wants one', async (...given) => {
    const [, quote, roots, atMs, reason] = given;
    const { town, ask, offer, refusals, shown } = await aMarket(quote, roots, atMs);
    expect(offer.tier).toBe(3);
    await town.until('the quote was looked at', () => refusals().length > 0);
    expect(refusals()[0]).toContain('does not hold');
    expect(refusals()[0]).toContain(reason);
    expect(await ask({})).toMatchObject({ status: 200, privacy: expect.stringContaining('L1') });
    expect((await ask({ attested: true })).status).toBe(503);
    expect(await shown()).toEqual([{ offer: offer.id, level: 'L1' }]);
  });
});
