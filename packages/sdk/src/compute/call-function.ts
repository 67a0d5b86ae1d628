import {
  type AccountId,
  bytesToHex,
  CairnError,
  type CancelSignal,
  type Clock,
  concatBytes,
} from '@cairn/core';
import type { Price } from '@cairn/ledger';
import {
  CALL_PROTOCOL,
  type CallAnswer,
  type CallBody,
  type CallServerFrame,
  decodeCallAnswer,
  decodeCallFrame,
  encodeCallBody,
  hashCallParams,
  inputUnits,
  MAX_CALL_ANSWER_BYTES,
  type SealSuite,
  type SignedReceipt,
} from '@cairn/protocol';
import type { SealMode } from '../inference/seal.ts';
import { type PaidExchange, type PaidParts, runPaidRequest } from '../paid/paid-request.ts';

export interface CallParts extends PaidParts {
  readonly clock: Clock;
}

/** Where a function runs and what it costs there: from a lease on the ledger. */
export interface FunctionPlace {
  readonly deployment: Uint8Array;
  /** SHA-256 of the code. */
  readonly code: Uint8Array;
  readonly provider: AccountId;
  readonly peer: string;
  readonly netuid: number;
  readonly price: Price;
  /** Cores that may work on one call at once: what bounds the work by the time that passed. @default 1 */
  readonly cores?: number;
  /** Most milliseconds that its code may run for one call, by its deployment. @default as many as work is paid for */
  readonly timeMs?: number;
}

export interface CallRequest {
  readonly place: FunctionPlace;
  readonly input: Uint8Array;
  /** Most units of work to pay for: milliseconds of CPU time. */
  readonly maxWork: number;
  readonly idempotencyKey: string;
  /** Called with all units of work that were counted so far, before they are paid. */
  readonly onWork?: (work: number) => void;
  /** Whether the provider's host alone may read it. @default the parts' own */
  readonly seal?: SealMode;
  /** Cancels it: what was worked until then is paid. */
  readonly signal?: CancelSignal;
  /** Longest silence of the provider. @default 60_000 */
  readonly idleTimeoutMs?: number;
}

export interface CallOutcome {
  readonly answer: CallAnswer;
  readonly receipt: SignedReceipt;
  readonly receiptId: string;
  /** How call and answer were sealed; absent: they went in clear. */
  readonly sealed?: SealSuite;
}

/** A core cannot work longer than it took: more than this beyond the time that passed is a lie. */
const CLOCK_SLACK_UNITS = 20;

/** What a call may take beside the time of its code: its turn, a start, the way of its input and answer. */
const SPARE_MS = 300_000;

/**
 * Calls a deployed function at one provider, sealed when it has a key, pays as it works and ends with its receipt.
 * It takes at most the time that its code may run and five minutes.
 *
 * @throws SdkError `PROVIDER_REFUSED`, `PROVIDER_LOST`, `PROVIDER_TIMED_OUT`, `PROVIDER_BROKE_PROTOCOL`,
 * `TERMS_REFUSED`, `RECEIPT_REFUSED`, `CHANNEL_DISPUTED`, `SEAL_REQUIRED`
 */
export function callFunction(parts: CallParts, request: CallRequest): Promise<CallOutcome> {
  const { crypto, random } = parts;
  const { place, input, maxWork, signal, idleTimeoutMs, seal } = request;
  const body: CallBody = { deployment: place.deployment, input, maxWork, salt: random.bytes(16) };
  return runPaidRequest<CallServerFrame, CallOutcome>(
    parts,
    {
      protocol: CALL_PROTOCOL,
      provider: place.provider,
      peer: place.peer,
      netuid: place.netuid,
      subject: place.deployment,
      body: encodeCallBody(body),
      expected: {
        artifact: place.code,
        model: place.deployment,
        paramsHash: hashCallParams(crypto, body),
        salt: body.salt,
        price: place.price,
        mostPromptTokens: inputUnits(input),
        maxTokens: maxWork,
      },
      idempotencyKey: request.idempotencyKey,
      decode: decodeCallFrame,
      unit: 'units of work',
      timeoutMs: (place.timeMs ?? maxWork) + SPARE_MS,
      ...(seal === undefined ? {} : { seal }),
      ...(signal === undefined ? {} : { signal }),
      ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
    },
    (exchange) => takeAnswer(parts, request, exchange),
  );
}

async function takeAnswer(
  { crypto, clock }: CallParts,
  { maxWork, onWork, place: { cores = 1 } }: CallRequest,
  exchange: PaidExchange<CallServerFrame>,
): Promise<CallOutcome> {
  const { payment, broke } = exchange;
  const startMs = clock.nowMs();
  const pieces: Uint8Array[] = [];
  let [work, sizeBytes] = [0, 0];
  /** What is counted before it is done, by its terms. */
  let unitsAhead = 0;

  /** Work that is counted and paid as the time passes: who takes money for more and never answers is stopped at once. */
  async function takeWork(units: number): Promise<void> {
    work = exchange.count(units);
    if (work > maxWork) throw broke(`It counts ${work} units of work where ${maxWork} were allowed.`);
    const elapsed = clock.nowMs() - startMs;
    if (work > elapsed * cores + CLOCK_SLACK_UNITS + unitsAhead)
      throw broke(`It counts ${work} ms of CPU time where ${elapsed} ms passed on ${cores} cores.`);
    onWork?.(work);
    await exchange.pay(await payment.receive(units));
  }

  function takePart(bytes: Uint8Array): void {
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_CALL_ANSWER_BYTES)
      throw broke(`Its answer has more than ${MAX_CALL_ANSWER_BYTES} bytes.`);
    pieces.push(bytes);
  }

  async function settle(receipt: Uint8Array): Promise<CallOutcome> {
    const bytes = concatBytes(...pieces);
    const answer = bytes.length === 0 ? null : decodeAnswer(bytes);
    const elapsed = clock.nowMs() - startMs;
    if (answer !== null && answer.work > elapsed * cores + CLOCK_SLACK_UNITS)
      throw broke(`It counts ${answer.work} ms of CPU time where ${elapsed} ms passed on ${cores} cores.`);
    const text = bytesToHex(crypto.sha256(bytes));
    const settled = await payment.settle(receipt, { text, tokens: work, tokenIds: null, logprobs: null });
    await exchange.settle(settled.voucher);
    if (answer === null) {
      // What follows says why there is no answer.
      await exchange.read();
      throw broke('It sent a receipt and no answer.');
    }
    const { sealed } = exchange;
    return {
      answer,
      receipt: settled.receipt,
      receiptId: bytesToHex(settled.receiptId),
      ...(sealed === undefined ? {} : { sealed }),
    };
  }

  function decodeAnswer(bytes: Uint8Array): CallAnswer {
    try {
      return decodeCallAnswer(bytes);
    } catch (cause) {
      throw cause instanceof CairnError ? broke(cause.message) : cause;
    }
  }

  const terms = await exchange.read();
  if (terms.type !== 'accepted') throw broke(`It sent ${terms.type} before its terms.`);
  const { inputUnits: promptTokens, trancheWork, prepayWork, missed } = terms;
  const accepted = { promptTokens, trancheTokens: trancheWork, prepayTokens: prepayWork, missed };
  await exchange.pay(await payment.accept({ type: 'accepted', ...accepted }));
  unitsAhead = Math.max(trancheWork, prepayWork);
  for (;;) {
    const frame = await exchange.read();
    if (frame.type === 'work') await takeWork(frame.work);
    else if (frame.type === 'part') takePart(frame.bytes);
    else if (frame.type === 'receipt') return settle(frame.receipt);
    else throw broke('It sent its terms twice.');
  }
}
