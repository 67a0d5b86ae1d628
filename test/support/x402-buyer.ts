import { createPayingFetch, createX402Wallet, type X402WalletOptions } from '@cairn/sdk';
import type { anHttpTown } from '../../packages/node/test/miner/http-town.ts';
import { aRecordStore, aSigner, chainId, crypto } from '../../packages/node/test/miner/parts.ts';

type HttpTown = Awaited<ReturnType<typeof anHttpTown>>;

/** Calls a gateway by a name that is not this machine's: as somebody whom it does not know. */
export function strangerFetch(town: HttpTown): typeof fetch {
  return async (input, init = {}) => {
    const { pathname } = new URL(String(input));
    const { status, headers, text } = await town.fetchText(pathname, {
      method: init.method ?? 'GET',
      headers: { ...Object.fromEntries(new Headers(init.headers)), host: 'gateway.example' },
      ...(typeof init.body === 'string' ? { body: init.body } : {}),
    });
    const told = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    return new Response(text, { status, headers: told });
  };
}

/** A wallet that pays a gateway of the town by x402. */
export function aBuyer(
  town: HttpTown,
  options: Partial<X402WalletOptions> = {},
  { fetch = strangerFetch(town), records = aRecordStore() } = {},
) {
  const buyer = aSigner('buyer');
  const wallet = createX402Wallet(
    {
      crypto,
      chainId,
      signer: buyer.signer,
      clock: town.clock,
      random: town.inferParts().random,
      ledger: town.ledger.of(buyer.account),
      records,
    },
    { budget: 1_000_000_000n, deposit: 10_000_000n, ...options },
  );
  const paying = createPayingFetch(wallet, fetch);
  const ask = (content = 'one two three', fields: object = {}) =>
    paying.fetch('http://gateway.example/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'cairn/echo',
        messages: [{ role: 'user', content }],
        max_tokens: 8,
        ...fields,
      }),
    });
  return { ...buyer, wallet, paying, ask };
}
