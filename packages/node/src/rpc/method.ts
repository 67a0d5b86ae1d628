import { CairnError, type JsonSchema } from '@cairn/core';

/** One RPC method: what it is called, what it takes, what it gives, how it runs. */
export interface RpcMethod {
  /** `<module>_<query>` */
  readonly name: string;
  readonly help: string;
  /** JSON Schema of the one params object. */
  readonly params: JsonSchema;
  readonly result: JsonSchema;
  /** @throws CairnError for what the caller did wrong; its code and message are shown to the caller. */
  run(params: unknown): Promise<unknown>;
}

export type RpcProblem =
  | { code: 'RPC_PARAMS_INVALID'; reason: string }
  | { code: 'SUBSCRIPTION_LIMIT'; limit: number }
  | { code: 'FAUCET_REFUSED'; reason: string };

/** A caller's mistake, found by a method itself. */
export class RpcError extends CairnError<RpcProblem> {
  override readonly name = 'RpcError';
}

/** A method without parameters. */
export const NO_PARAMS: JsonSchema = { type: 'object', properties: {}, additionalProperties: false };
