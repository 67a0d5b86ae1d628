import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PEBBLES_PER_CAIRN } from '@cairn/core';
import { createChannelLedger, createPayingFetch, createX402Wallet } from '@cairn/sdk';
import { expect, it, onTestFinished } from 'vitest';
import { startGatewayRole } from '../../src/roles/gateway-role.ts';
import { aRecordStore } from '../data/parts.ts';
import { aModel } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';

/** A gateway that sells, and a `fetch` that calls it by a name that is not this machine's. */
async function aShop() {
  const town = await aSubnetTown([aModel(() => '0 0 * * *')]);
  const role = await town.during(
    startGatewayRole(town.parts, {
      client: town.accounts.gateway,
      transport: town.network.join(town.keys.gateway.address),
      records: aRecordStore(),
      storage: aRecordStore(),
      keys: [],
      mostPerAnswer: PEBBLES_PER_CAIRN,
      firstModel: 'cairn/stub',
      knownQuestion: () => null,
      sellOn: 1,
    }),
  );
  onTestFinished(() => town.during(Promise.resolve(role[Symbol.asyncDispose]())));
  const server = createServer((request, response) => void role.gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const strangerFetch: typeof fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const headers = { ...Object.fromEntries(new Headers(init.headers)), host: 'gateway.example' };
      const options = { host: '127.0.0.1', port, path: new URL(String(input)).pathname, agent: false };
      const sent = httpRequest({ ...options, method: init.method ?? 'GET', headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
          resolve(
            new Response(Buffer.concat(parts), {
              status: answer.statusCode ?? 0,
              headers: Object.fromEntries(told),
            }),
          );
        });
      });
      sent.on('error', reject);
      sent.end(init.body);
    });
  return { town, role, strangerFetch };
}

it('sells to a caller without a key by the rules of the ledger, and claims exactly what it charged', async () => {
  const { town, role, strangerFetch } = await aShop();
  const buyer = town.accounts.owner;
  const wallet = createX402Wallet(
    {
      ...town.parts,
      signer: buyer.signer,
      ledger: createChannelLedger(buyer, town.parts.ledger),
      records: aRecordStore(),
    },
    { budget: PEBBLES_PER_CAIRN },
  );
  const paying = createPayingFetch(wallet, strangerFetch);
  const ask = () =>
    town.during(
      paying.fetch('http://gateway.example/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'cairn/stub',
          messages: [{ role: 'user', content: 'hello' }],
          max_tokens: 8,
        }),
      }),
    );
  for (const _ of [1, 2]) expect((await ask()).status).toBe(200);
  await town.during(paying.settle('http://gateway.example'));
  await town.during(role.gateway.claimPayments());
  const listed = await town.parts.ledger.query<{ payer: string; payee: string; claimed: string }[]>(
    'channels_list',
    { party: buyer.address, after: null, limit: 0 },
  );
  const channel = listed.find(({ payee }) => payee === town.keys.gateway.address);
  expect(wallet.spent).toBeGreaterThan(0n);
  expect(channel?.claimed).toBe(wallet.spent.toString());
});
