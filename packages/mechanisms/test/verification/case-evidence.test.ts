import { accountIdOf, authorize, createEd25519Signer, utf8ToBytes } from '@cairn/core';
import {
  encodeInferBody,
  hashInferParams,
  type InferBody,
  logprobRoot,
  type Receipt,
  receiptId,
  receiptSignBytes,
  responseHashOf,
  tokenIdsRoot,
} from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import {
  type CaseLink,
  drawCanary,
  encodeCaseEvidence,
  FIRST_SUSPICION_PPM,
  floatToBits,
  isEnoughToAccuse,
  LEAST_RATE_PPM,
  MAX_CASE_RECEIPTS,
  MEASURED_RATES,
  openCaseEvidence,
  updateSuspicion,
} from '../../src/index.ts';
import { artifact, crypto } from './answers.ts';

const chainId = new Uint8Array(32).fill(3);
const signer = createEd25519Signer(new Uint8Array(32).fill(5));
const provider = accountIdOf(crypto, signer.scheme, signer.publicKey);
const salt = new Uint8Array(16).fill(4);
const logprobs = [-0.5, -0.25];

const body: InferBody = {
  artifact,
  endpoint: 'chat',
  prompt: { kind: 'chat', messages: [{ role: 'user', content: 'every day at noon' }] },
  params: { maxTokens: 10, temperature: 0, topP: 1, seed: null, stop: [], topLogprobs: 1 },
  salt,
};

async function aLink(previousReceipt: Uint8Array, changes: Partial<Receipt> = {}): Promise<CaseLink> {
  const zero = new Uint8Array(32);
  const encoded = encodeInferBody(body);
  const receipt: Receipt = {
    channel: new Uint8Array(32).fill(8),
    payer: new Uint8Array(32).fill(9),
    provider,
    requestHash: crypto.sha256(encoded),
    responseHash: responseHashOf(crypto, salt, utf8ToBytes('ab')),
    artifact,
    model: zero,
    paramsHash: hashInferParams(crypto, body.params),
    samplerSeed: null,
    engineClass: zero,
    promptTokens: 4,
    cachedTokens: 0,
    completionTokens: 2,
    tokenIdsRoot: tokenIdsRoot(crypto, salt, [1, 2]),
    logprobRoot: logprobRoot(crypto, salt, logprobs),
    ttftMs: 1,
    durationMs: 2,
    price: 1n,
    cumulative: 1n,
    previousReceipt,
    finishReason: 'stop',
    tier: 1,
    ...changes,
  };
  const authorization = await authorize(signer, receiptSignBytes(chainId, receipt));
  const disclosed = {
    body: encoded,
    tokenIds: [1, 2],
    logprobs: logprobs.map(floatToBits),
    text: utf8ToBytes('ab'),
  };
  return { signed: { receipt, authorization }, disclosed };
}

async function aRow(count: number): Promise<CaseLink[]> {
  const links: CaseLink[] = [];
  let before: Uint8Array = new Uint8Array(32);
  for (let at = 0; at < count; at += 1) {
    const link = await aLink(before, { cumulative: BigInt(at + 1) });
    links.push(link);
    before = receiptId(crypto, link.signed.receipt);
  }
  return links;
}

const open = (links: readonly CaseLink[]) =>
  openCaseEvidence(crypto, chainId, encodeCaseEvidence({ engine: 'test 1', links: [...links] }));
const reasonOf = (links: readonly CaseLink[]) => {
  const opened = open(links);
  return opened.ok ? null : opened.reason;
};

describe('evidence of a case', () => {
  it('opens when receipts follow each other and answers are the ones signed for', async () => {
    const links = await aRow(3);
    const between = links.map((link, at) => (at === 1 ? { ...link, disclosed: null } : link));
    expect(open(between)).toMatchObject({
      ok: true,
      engine: 'test 1',
      answers: [{ text: 'ab', logprobs }, {}],
    });
  });

  it('is refused when a receipt is left out, of another channel, forged, or nothing is disclosed', async () => {
    const links = await aRow(3);
    expect(reasonOf([links[0]!, links[2]!])).toBe('a receipt is left out between two others');
    const other = await aLink(receiptId(crypto, links[0]!.signed.receipt), { channel: new Uint8Array(32) });
    expect(reasonOf([links[0]!, other])).toBe('its receipts are of several channels');
    const forged = structuredClone(links[0]!);
    forged.signed.receipt.price = 2n;
    expect(reasonOf([forged])).toBe('the provider did not sign a receipt');
    expect(reasonOf([{ ...links[0]!, disclosed: null }])).toBe('it discloses no answer');
    expect(reasonOf([])).toBe('it has no receipt');
  });

  it('is refused when a request is not the one that was signed for', async () => {
    const [link] = await aRow(1);
    const disclosed = { ...link!.disclosed!, body: encodeInferBody({ ...body, salt: new Uint8Array(16) }) };
    expect(reasonOf([{ ...link!, disclosed }])).toBe('a request is not the one signed for');
    const elsewhere = await aLink(new Uint8Array(32), { artifact: new Uint8Array(32) });
    expect(reasonOf([elsewhere])).toBe('a request is for another artifact than its receipt');
    const otherParams = await aLink(new Uint8Array(32), { paramsHash: new Uint8Array(32) });
    expect(reasonOf([otherParams])).toBe('the parameters are not the ones signed for');
  });

  it('never throws, whichever byte is another, wherever it ends', async () => {
    const bytes = encodeCaseEvidence({ engine: 'test 1', links: await aRow(2) });
    for (let at = 0; at < bytes.length; at += 17) {
      const copy = bytes.slice();
      copy[at]! ^= 1;
      expect(typeof openCaseEvidence(crypto, chainId, copy).ok, `byte ${at}`).toBe('boolean');
      // A text that is cut at the very end opens, and is then not the one that the receipt has the hash of.
      const opened = openCaseEvidence(crypto, chainId, bytes.subarray(0, at));
      expect(opened.ok && opened.answers.at(-1)!.text === 'ab', `${at} bytes`).toBe(false);
    }
  }, 30_000);

  it('holds no more receipts than a case may', async () => {
    const links = await aRow(1);
    const many = Array.from({ length: MAX_CASE_RECEIPTS + 1 }, () => links[0]!);
    expect(() => encodeCaseEvidence({ engine: 'test 1', links: many })).toThrow();
  });
});

describe('enough to accuse', () => {
  const passed = { kind: 'passed', driftPpb: 0n } as const;
  const failed = { kind: 'failed', driftPpb: 9n, codes: ['LOGPROBS_DISAGREE'] } as const;
  it('are two failed answers, or one of arithmetic', () => {
    expect(isEnoughToAccuse([passed, failed, passed])).toBe(false);
    expect(isEnoughToAccuse([failed, passed, failed])).toBe(true);
    expect(isEnoughToAccuse([{ ...failed, codes: ['USAGE_INFLATED'] }])).toBe(true);
    expect(isEnoughToAccuse([{ kind: 'notJudged', reason: 'x' }])).toBe(false);
  });
});

describe('suspicion', () => {
  it('begins at one half, falls to the floor by passing and is certain after a failure', () => {
    const after = (outcomes: readonly boolean[]) =>
      outcomes.reduce(
        (ppm, hasFailed) => updateSuspicion(ppm, hasFailed, MEASURED_RATES),
        FIRST_SUSPICION_PPM,
      );
    expect(after([false])).toBeLessThan(110_000n);
    expect(after([false, false, false])).toBe(LEAST_RATE_PPM);
    expect(after([true])).toBeGreaterThan(999_000n);
    expect(after([false, false, false, true])).toBeGreaterThan(900_000n);
  });
});

describe('a canary', () => {
  it('asks a specialist what it is for, others anything, and stays within the context', () => {
    const draw = (at: number, tasks: readonly string[]) =>
      drawCanary(crypto, new Uint8Array(32).fill(at), {
        tasks,
        logprobs: true,
        seed: true,
        contextTokens: 64,
      });
    for (let at = 0; at < 50; at += 1) {
      const { params } = draw(at, []);
      expect(params.maxTokens).toBeLessThanOrEqual(32);
      expect(params.seed === null).toBe(params.temperature === 0);
    }
    expect(draw(1, [])).toEqual(draw(1, []));
    expect(draw(1, ['crontab']).prompt).not.toEqual(draw(1, []).prompt);
    const { params } = drawCanary(crypto, new Uint8Array(32), {
      ...{ tasks: [], logprobs: false, seed: false, contextTokens: 64 },
    });
    expect(params).toMatchObject({ topLogprobs: 0, temperature: 0 });
  });
});
