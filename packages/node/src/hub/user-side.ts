import { areBytesEqual, CairnError, decode } from '@cairn/core';
import type { Price } from '@cairn/ledger';
import {
  decodeHubUserFrame,
  type HubWantFrame,
  receiptId,
  type Stream,
  signedReceiptShape,
} from '@cairn/protocol';
import type { Earning, PayeeChannel, ReceiptDraft } from '../miner/earning.ts';
import { Refusal } from '../miner/refusal.ts';
import { type HubLimits, type HubParts, HubRefusal, sendToUser } from './hub-parts.ts';

/** The user's side of an answer: what it is passed on, and what it pays. */
export interface UserSide {
  /** It left, or does not pay: nothing more is passed on. */
  readonly isGone: boolean;
  /** What it is told when it is still there. */
  readonly refusal: Error | null;
  /** Tokens it was passed on. */
  readonly tokens: number;
  /** From now on it is charged. */
  begin(price: Price, promptTokens: number): void;
  /** Whether it has paid for `tokens` in all, as far as it does not have them on trust. Waits for its vouchers. */
  cover(tokens: number): Promise<boolean>;
  /** Passes a frame of the provider on, with which it has `tokens`. */
  pass(frame: Uint8Array, tokens?: number): Promise<void>;
  /** Sends it a receipt and waits for the voucher that names it; false when none comes. */
  settle(draft: ReceiptDraft): Promise<boolean>;
  /**
   * Signs the receipt for an answer that broke off: of what was passed on, or of what is paid when the user left.
   *
   * @param draft the receipt for that many tokens
   */
  charge(draft: (tokens: number) => ReceiptDraft): Promise<void>;
}

export interface UserSideJob {
  readonly user: Stream;
  /** The user's channel to the hub. */
  readonly channel: PayeeChannel;
  readonly want: HubWantFrame;
  /** As the user was told. */
  readonly isTrusted: boolean;
}

export function createUserSide(
  { crypto, timer }: Pick<HubParts, 'crypto' | 'timer'>,
  { user, channel, want, isTrusted }: UserSideJob,
  limits: HubLimits,
  /** Called once when the user cancels or is gone. */
  onCancel: () => void,
): UserSide {
  let earning: Earning | null = null;
  let tokens = 0;
  let isGone = false;
  let refusal: Error | null = null;
  const listening = listen();

  function leave(why: Error | null): void {
    if (isGone) return;
    isGone = true;
    refusal = why;
    earning?.end();
    onCancel();
  }

  async function listen(): Promise<void> {
    try {
      for (;;) {
        const bytes = await user.read();
        if (bytes === null) return;
        const frame = decodeHubUserFrame(bytes);
        if (frame.type === 'voucher') await channel.take(frame.voucher, { isOpening: false });
        else if (frame.type === 'cancel') onCancel();
        else throw new Refusal('REQUEST_MALFORMED', 'A request is opened once.');
      }
    } catch (error) {
      if (!(error instanceof Refusal) && !(error instanceof CairnError)) throw error;
      const isCut = error instanceof CairnError && error.code.startsWith('STREAM_');
      leave(isCut ? null : error);
    }
  }
  // What it throws is told by who waits for it at the end.
  listening.catch(() => leave(null));

  async function send(frame: Parameters<typeof sendToUser>[1]): Promise<void> {
    try {
      await sendToUser(user, frame);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      leave(null);
    }
  }

  return {
    get isGone() {
      return isGone;
    },
    get refusal() {
      return refusal;
    },
    get tokens() {
      return tokens;
    },
    begin(price, promptTokens) {
      const { model, artifact } = want;
      const { trancheTokens } = limits;
      earning = channel.earn({ price, model, artifact, promptTokens, trancheTokens, isTrusted });
      if (isGone) earning.end();
    },
    async cover(wanted) {
      const stop = timer.schedule(limits.payTimeoutMs, () =>
        leave(
          new HubRefusal(
            'UNPAID',
            `No voucher came for ${limits.payTimeoutMs} ms. Send one that covers what was sent.`,
          ),
        ),
      );
      try {
        return (await earning?.waitForCover(Math.min(wanted, want.maxTokens))) === true && !isGone;
      } finally {
        stop();
      }
    },
    async pass(frame, nowTokens = tokens) {
      if (isGone) return;
      earning?.sent(nowTokens);
      tokens = nowTokens;
      await send({ type: 'from', frame });
    },
    async settle(draft) {
      const own = await earning!.finish(draft);
      earning = null;
      await send({ type: 'receipt', receipt: own });
      const id = receiptId(crypto, decode(signedReceiptShape, own).receipt);
      const stop = timer.schedule(limits.settleTimeoutMs, () =>
        user.abort('no voucher came for the receipt'),
      );
      await listening;
      stop();
      const isPaid = !channel.record.outstanding.some(({ receipt }) =>
        areBytesEqual(receiptId(crypto, receipt), id),
      );
      if (!isPaid) await channel.distrust();
      return isPaid;
    },
    async charge(draft) {
      if (earning === null) return;
      const charged = isGone ? earning.coveredTokens() : tokens;
      if (charged === 0) earning.drop();
      else await earning.finish(draft(charged));
      earning = null;
      if (charged < tokens) await channel.distrust();
    },
  };
}
