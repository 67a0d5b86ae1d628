import type { AccountId, Amount } from '@cairn/core';

/** The wallet that a gateway spends. */
export interface AgentWallet {
  /** Address of the key that signs. */
  readonly address: string;
  /** Whose money it spends as a sub-key; null: its own. */
  readonly owner: string | null;
  /** Pebbles the spender has at hand. */
  readonly spendable: Amount;
  /** What the owner still lets a sub-key take; null without an owner. */
  readonly allowance: {
    /** Most pebbles one payment may take. */
    readonly perCall: Amount;
    /** Pebbles left of all that the sub-key may ever take. */
    readonly left: Amount;
  } | null;
}

/** How a payment ended. */
export type PaymentOutcome =
  | { readonly ok: true; readonly transaction: string }
  | {
      readonly ok: false;
      readonly reason: string;
      /** It may still happen: nobody saw how it ended. */
      readonly mayHappen: boolean;
    };

export interface DeployOrder {
  readonly kind: 'function' | 'model' | 'image';
  /** What is deployed: source text, a model's name, or an image with its digest. */
  readonly source: string;
  /** Most pebbles it may cost. */
  readonly budget: Amount;
}

export type DeployOutcome =
  | { readonly ok: true; readonly deployment: string; readonly cost: Amount }
  | { readonly ok: false; readonly reason: string; readonly cost: Amount };

/** What agents may use beside models. What is absent is not offered, and a tool that is called says so. */
export interface AgentPorts {
  readonly wallet?: () => Promise<AgentWallet>;
  /** Sends money. Absent unless a setting allows it. */
  readonly pay?: (to: AccountId, amount: Amount) => Promise<PaymentOutcome>;
  readonly deploy?: (order: DeployOrder) => Promise<DeployOutcome>;
}
