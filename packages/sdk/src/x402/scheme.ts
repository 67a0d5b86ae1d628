import type { X402Wallet } from './wallet.ts';
import { isPebbles, type X402Requirements, type X402Scheme } from './wire.ts';

/** A scheme as the stock x402 client registers it. */
export interface X402ClientScheme {
  readonly scheme: X402Scheme;
  readonly schemeHooks: {
    readonly onPaymentResponse: (context: {
      readonly requirements: X402Requirements;
      readonly settleResponse?: {
        readonly amount?: string;
        readonly extra?: Readonly<Record<string, unknown>>;
      };
      readonly paymentRequired?: { readonly extensions?: Readonly<Record<string, unknown>> };
    }) => Promise<{ recovered: true } | undefined>;
  };
  readonly createPaymentPayload: (
    x402Version: number,
    requirements: X402Requirements,
  ) => Promise<{ x402Version: number; payload: Record<string, unknown> }>;
}

/**
 * A scheme for `x402Client` of `@x402/core`, which then pays Cairn gateways within the wallet's budget.
 *
 * @example new x402Client().register(wallet.network, createX402Scheme(wallet, 'upto'))
 */
export function createX402Scheme(wallet: X402Wallet, scheme: X402Scheme): X402ClientScheme {
  return {
    scheme,
    schemeHooks: {
      async onPaymentResponse({ requirements, settleResponse, paymentRequired }) {
        const isHeld = settleResponse?.extra?.state === 'held';
        const amount = settleResponse?.amount;
        if (settleResponse === undefined) await wallet.charged(requirements, 0n);
        else await wallet.charged(requirements, isHeld || !isPebbles(amount) ? null : BigInt(amount));
        const sum = (paymentRequired?.extensions as { cairn?: { charged?: unknown } } | undefined)?.cairn
          ?.charged;
        const isNews = isPebbles(sum) && (await wallet.catchUp(requirements.payTo, BigInt(sum)));
        return isNews ? { recovered: true } : undefined;
      },
    },
    createPaymentPayload: async (x402Version, requirements) => ({
      x402Version,
      payload: { ...(await wallet.pay(requirements)) },
    }),
  };
}
