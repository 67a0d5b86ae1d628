import { bytesToHex } from '@cairn/core';
import { CALL_PROTOCOL, type CallBody, decodeCallBody, inputUnits, type Stream } from '@cairn/protocol';
import { openVoucher } from '../miner/check-voucher.ts';
import { askedRequest } from '../miner/unseal.ts';
import { CallRefusal, errorToCallRefusal, tellCaller } from './call-refusal.ts';
import type { ComputeParts, HostedFunction } from './compute-parts.ts';
import { createCallerCheck, readOpen } from './open-call.ts';
import { type CallLimits, runCall } from './run-call.ts';

const CALL_BODY = { decode: decodeCallBody, subjectOf: ({ deployment }: CallBody) => deployment };

export interface ComputeServing extends AsyncDisposable {
  /** Calls under way. */
  readonly running: number;
}

/**
 * Serves paid calls of functions until it is disposed.
 *
 * @param find what is hosted under the hex id of a deployment.
 */
export function serveCalls(
  parts: ComputeParts,
  find: (deployment: string) => HostedFunction | undefined,
  options: Partial<CallLimits> = {},
): ComputeServing {
  const limits: CallLimits = { trancheWork: 64, prepayWork: 16, payTimeoutMs: 15_000, ...options };
  const checkCaller = createCallerCheck(parts);
  const running = new Set<Promise<void>>();
  const streams = new Set<Stream>();

  async function answer(way: { stream: Stream }): Promise<void> {
    const open = await readOpen(parts, way.stream, limits.payTimeoutMs);
    const asked = askedRequest(parts, CALL_BODY, open);
    const hosted = find(bytesToHex(asked.subject));
    if (hosted === undefined) {
      const message = `Deployment ${bytesToHex(asked.subject)} does not run here. Look up who has a lease for it.`;
      throw new CallRefusal('DEPLOYMENT_UNKNOWN', message);
    }
    const { requestHash } = asked;
    const channel = await parts.payee.channel(openVoucher(open.voucher).voucher.channel);
    await checkCaller(open, requestHash, channel);
    const { body, stream } = asked.read(channel.record.channel, way.stream);
    way.stream = stream;
    await channel.take(open.voucher, { isOpening: true });
    const earning = channel.earn({
      price: hosted.price,
      model: hosted.deployment,
      artifact: hosted.spec.code,
      promptTokens: inputUnits(body.input),
      trancheTokens: limits.trancheWork,
    });
    await runCall({ ...parts, stream, channel, earning, hosted, limits }, body, requestHash);
  }

  async function serve(stream: Stream): Promise<void> {
    const way = { stream };
    try {
      await answer(way);
    } catch (error) {
      const refusal = errorToCallRefusal(error);
      if (refusal === null) {
        parts.log.debug('a caller went away');
        return;
      }
      if (refusal.code === 'ENGINE_FAILED') parts.log.warn('a call failed', { reason: refusal.message });
      await tellCaller(way.stream, refusal);
    }
  }

  const stop = parts.transport.listen(CALL_PROTOCOL, async (stream) => {
    const mine = serve(stream);
    running.add(mine);
    streams.add(stream);
    try {
      await mine;
    } finally {
      running.delete(mine);
      streams.delete(stream);
    }
  });

  return {
    get running() {
      return running.size;
    },
    async [Symbol.asyncDispose]() {
      stop();
      for (const stream of streams) stream.abort('the provider is stopping');
      await Promise.allSettled(running);
    },
  };
}
