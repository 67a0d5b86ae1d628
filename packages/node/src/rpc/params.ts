import { CoreError, type Shape } from '@cairn/core';
import { RpcError } from './method.ts';

/** Parses parameters by their shape. @throws RpcError `RPC_PARAMS_INVALID` */
export function parseParams<P>(shape: Shape<P>, params: unknown): P {
  try {
    return shape.fromJson(params);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw new RpcError({ code: 'RPC_PARAMS_INVALID', reason: cause.code }, cause.message, { cause });
  }
}
