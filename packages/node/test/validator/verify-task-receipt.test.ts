import { authorize, encode } from '@cairn/core';
import {
  createCrontabMechanism,
  createServiceRunner,
  crontabParamsShape,
  DEFAULT_CRONTAB_PARAMS,
  type ReceiptClaim,
} from '@cairn/mechanisms';
import {
  encodeInferBody,
  NO_ROOT,
  receiptSignBytes,
  responseHashOf,
  signedReceiptShape,
  type TraceContext,
} from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { serviceRequestToBody, taskBodySalt, taskTrace } from '../../src/validator/service-body.ts';
import { verifyTaskReceipt } from '../../src/validator/verify-task-receipt.ts';
import { accountOf, aLog, aSigner, crypto } from '../rpc/parts.ts';

const chainId = new Uint8Array(32).fill(1);
const hash = (fill: number) => new Uint8Array(32).fill(fill);
const salt = hash(2);
const miner = aSigner('miner');
const validator = accountOf(aSigner('validator'));
const other = accountOf(aSigner('another validator'));

const runner = createServiceRunner({ crypto, log: aLog() }, createCrontabMechanism({ crypto }));
const [task] = runner.drawTasks({
  epochSeed: hash(3),
  salt,
  epoch: 7n,
  params: encode(crontabParamsShape, DEFAULT_CRONTAB_PARAMS),
  count: 1,
});
const response = new TextEncoder().encode('0 9 * * *');
const place = { netuid: 1, epoch: 7n, validator, taskIndex: 0, miner: accountOf(miner) };

/** What the miner signs when it is asked this question at a place: it sees the body's salt, not the place. */
async function aReceipt(
  at: Partial<typeof place> = {},
  payer = validator,
  trace?: TraceContext,
): Promise<Uint8Array> {
  const bodySalt = taskBodySalt(crypto, salt, { ...place, ...at });
  const body = encodeInferBody({
    ...serviceRequestToBody(task!.request),
    artifact: hash(4),
    salt: bodySalt,
    ...(trace === undefined ? {} : { trace }),
  });
  const receipt = {
    channel: hash(5),
    payer,
    provider: accountOf(miner),
    requestHash: crypto.sha256(body),
    responseHash: responseHashOf(crypto, bodySalt, response),
    artifact: hash(4),
    model: hash(6),
    paramsHash: hash(7),
    samplerSeed: null,
    engineClass: new Uint8Array(32),
    promptTokens: 1,
    cachedTokens: 0,
    completionTokens: 1,
    tokenIdsRoot: NO_ROOT,
    logprobRoot: NO_ROOT,
    ttftMs: 1,
    durationMs: 2,
    price: 1n,
    cumulative: 1n,
    previousReceipt: new Uint8Array(32),
    finishReason: 'stop' as const,
    tier: 1,
  };
  const authorization = await authorize(miner, receiptSignBytes(chainId, receipt));
  return encode(signedReceiptShape, { receipt, authorization });
}

function verdictOn(receipt: Uint8Array, change: Partial<ReceiptClaim> = {}, secret = salt) {
  const { netuid, epoch } = place;
  const claim = { netuid, epoch, validator, miner: accountOf(miner), task: task!, response, receipt };
  return verifyTaskReceipt({ crypto, chainId }, secret, { ...claim, ...change });
}
const elsewhere = { ok: false, reason: 'it is for another request' };

describe('a receipt of a task', () => {
  it('proves the answer at its own place', async () => {
    expect(verdictOn(await aReceipt())).toEqual({ ok: true });
  });

  it('proves the answer to a sealed question, whose trace follows from its place too', async () => {
    const trace = taskTrace(crypto, salt, place);
    expect(verdictOn(await aReceipt({}, validator, trace))).toEqual({ ok: true });
    const another = taskTrace(crypto, salt, { ...place, taskIndex: 1 });
    expect(verdictOn(await aReceipt({}, validator, another))).toEqual(elsewhere);
  });

  it('of another epoch, subnet, task or miner proves nothing, though the question is the same', async () => {
    expect(verdictOn(await aReceipt({ epoch: 6n }))).toEqual(elsewhere);
    expect(verdictOn(await aReceipt({ netuid: 2 }))).toEqual(elsewhere);
    expect(verdictOn(await aReceipt({ taskIndex: 1 }))).toEqual(elsewhere);
    expect(verdictOn(await aReceipt({ miner: other }))).toEqual(elsewhere);
    expect(verdictOn(await aReceipt(), { epoch: 8n })).toEqual(elsewhere);
    expect(verdictOn(await aReceipt(), { task: { ...task!, index: 1 } })).toEqual(elsewhere);
  });

  it('of another validator proves nothing, whoever paid', async () => {
    expect(verdictOn(await aReceipt({}, other))).toEqual({ ok: false, reason: 'another payer asked' });
    expect(verdictOn(await aReceipt({ validator: other }))).toEqual(elsewhere);
    expect(verdictOn(await aReceipt(), {}, hash(9))).toEqual(elsewhere);
  });

  it('shows the miner 16 bytes that differ at every place and tell nothing without the secret', () => {
    const places = [
      place,
      { ...place, netuid: 2 },
      { ...place, epoch: 8n },
      { ...place, validator: other },
      { ...place, taskIndex: 1 },
      { ...place, miner: other },
    ];
    const salts = places.flatMap((at) => [taskBodySalt(crypto, salt, at), taskBodySalt(crypto, hash(9), at)]);
    expect(new Set(salts.map((each) => each.join())).size).toBe(12);
    for (const each of salts) expect(each).toHaveLength(16);
  });
});
