import { SdkError } from '../errors.ts';
import type { X402Wallet } from './wallet.ts';
import { decodeX402, encodeX402, isPebbles, X402_VERSION, type X402Requirements } from './wire.ts';

export interface PayingFetch {
  /**
   * `fetch` that answers a 402 of a Cairn gateway from the wallet, once, and asks again. It asks twice for an answer
   * that got lost: a payment is never charged twice.
   *
   * @throws SdkError `BUDGET_EXCEEDED`, `PAYMENT_REFUSED`, `TRANSACTION_REFUSED`
   */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Tells a gateway that was paid exactly what it may have. @throws SdkError `PAYMENT_REFUSED` */
  settle(origin: string): Promise<void>;
}

/**
 * A `fetch` that pays for what it gets. One request to a payee at a time is paid.
 *
 * @example
 * const wallet = createX402Wallet(parts, { budget: parseAmount('0.5') });
 * const paying = createPayingFetch(wallet, fetch);
 * const response = await paying.fetch('https://gateway.example/v1/chat/completions', request);
 */
export function createPayingFetch(wallet: X402Wallet, plainFetch: typeof fetch): PayingFetch {
  const turns = new Map<string, Promise<unknown>>();
  const payees = new Map<string, X402Requirements>();

  /** Vouchers of one channel follow each other. */
  function inTurn<T>(payee: string, run: () => Promise<T>): Promise<T> {
    const mine = (turns.get(payee) ?? Promise.resolve()).then(run, run);
    turns.set(payee, mine);
    return mine;
  }

  function choose(header: string): X402Requirements {
    const accepts: unknown = decodeX402(header)?.accepts;
    const found: unknown = Array.isArray(accepts)
      ? accepts.slice(0, 16).find((one: unknown) => wallet.canPay(one))
      : undefined;
    if (!wallet.canPay(found))
      throw refused(`It asks for nothing that this wallet pays on ${wallet.network}.`);
    return found;
  }

  async function payAndAsk(
    offer: X402Requirements,
    url: string | URL,
    init: RequestInit,
    isAgain = false,
  ): Promise<Response> {
    const sent = { x402Version: X402_VERSION, accepted: offer, payload: await wallet.pay(offer) };
    const headers = new Headers(init.headers);
    headers.set('payment-signature', encodeX402(sent));
    payees.set(new URL(url).origin, offer);
    const ask = () => plainFetch(url, { ...init, headers });
    const response = await ask().catch(() => ask());
    await wallet.charged(offer, chargedOf(response));
    if (response.status !== 402) return response;
    const told = decodeX402(response.headers.get('payment-required') ?? '');
    const sum = (told?.extensions as { cairn?: { charged?: unknown } } | undefined)?.cairn?.charged;
    if (!isAgain && isPebbles(sum) && (await wallet.catchUp(offer.payTo, BigInt(sum)))) {
      await response.body?.cancel();
      return payAndAsk(offer, url, init, true);
    }
    throw refused(String(told?.error ?? 'It gave no reason.').slice(0, 300));
  }

  return {
    async fetch(url, init = {}) {
      const first = await plainFetch(url, init);
      const header = first.status === 402 ? first.headers.get('payment-required') : null;
      if (header === null) return first;
      await first.body?.cancel();
      const offer = choose(header);
      return inTurn(offer.payTo, () => payAndAsk(offer, url, init));
    },
    async settle(origin) {
      const offer = payees.get(origin);
      const payload = offer === undefined ? null : await wallet.settlement(offer);
      if (payload === null) return;
      const response = await plainFetch(`${origin}/x402/settle`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          x402Version: X402_VERSION,
          paymentPayload: { x402Version: X402_VERSION, accepted: offer, payload },
          paymentRequirements: offer,
        }),
      });
      const told = (await response.json()) as { success?: boolean; errorMessage?: string };
      if (told.success !== true) throw refused(String(told.errorMessage ?? response.status).slice(0, 300));
    },
  };
}

/** What was charged; null while nobody has said. */
function chargedOf(response: Response): bigint | null {
  const header = response.headers.get('payment-response');
  if (header === null) return response.ok ? null : 0n;
  const told = decodeX402(header);
  if ((told?.extra as { state?: unknown } | undefined)?.state === 'held') return null;
  if (!isPebbles(told?.amount)) throw refused('It does not say how much it charged.');
  return BigInt(told.amount);
}

function refused(reason: string): SdkError {
  return new SdkError(
    { code: 'PAYMENT_REFUSED', reason },
    `The server does not take this payment. ${reason}`,
  );
}
