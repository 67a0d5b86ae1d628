import { optional, struct, text, u64 } from '@cairn/core';
import type { UpstreamKind } from '@cairn/engines';
import { RpcError, type RpcMethod } from '../rpc/method.ts';
import { parseParams } from '../rpc/params.ts';
import type { LocalNetwork } from '../up/local-network.ts';
import { LOCAL_PRICE } from '../up/plan.ts';
import type { ServeRequest } from '../up/served-models.ts';

const serveShape = struct('ServeModelParams', {
  source: text(4096),
  name: optional(text(96)),
  upstream: optional(struct('Upstream', { kind: text(16), url: text(64), model: text(256) })),
  pricing: optional(struct('Pricing', { inputPerMillion: optional(u64), outputPerMillion: optional(u64) })),
});
const withdrawShape = struct('WithdrawModelParams', { offer: text(64) });
const object = { type: 'object' };
const UPSTREAMS: readonly UpstreamKind[] = ['ollama', 'llama-server', 'vllm', 'openai'];

/** Of the model's owner: what it serves, and for how much. */
export function serveModelMethod(network: LocalNetwork): RpcMethod {
  return {
    name: 'node_serveModel',
    help: 'Starts a miner for a GGUF file or an upstream model and offers it.',
    params: serveShape.schema,
    result: object,
    async run(given) {
      const { source, name, pricing, upstream } = parseParams(serveShape, given);
      return network.serve({
        source,
        ...(name === null ? {} : { name }),
        ...(upstream === null ? {} : { upstream: checkUpstream(upstream) }),
        price: {
          ...LOCAL_PRICE,
          inputPerMillion: pricing?.inputPerMillion ?? LOCAL_PRICE.inputPerMillion,
          outputPerMillion: pricing?.outputPerMillion ?? LOCAL_PRICE.outputPerMillion,
        },
      });
    },
  };
}

export function withdrawModelMethod(network: LocalNetwork): RpcMethod {
  return {
    name: 'node_withdrawModel',
    help: 'Ends the miner of a model that was added since the start, and takes its offer back.',
    params: withdrawShape.schema,
    result: object,
    run: async (given) => ({ withdrawn: await network.withdraw(parseParams(withdrawShape, given).offer) }),
  };
}

/** Only servers of this machine: what a model is asked stays on it. */
function checkUpstream(given: {
  kind: string;
  url: string;
  model: string;
}): ServeRequest['upstream'] & object {
  const kind = UPSTREAMS.find((known) => known === given.kind);
  if (kind === undefined)
    throw invalid(`There is no upstream ${given.kind}. There are: ${UPSTREAMS.join(', ')}.`);
  if (!/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(given.url))
    throw invalid(`${given.url} is not an address such as http://127.0.0.1:8080.`);
  return { kind, url: given.url, model: given.model };
}

function invalid(reason: string): RpcError {
  return new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}
