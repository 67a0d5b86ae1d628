import { CoreError, type Shape } from '@cairn/core';
import { RpcError } from './method.ts';

/** Parses parameters by their shape. Optional fields that are left out read as null. @throws RpcError `RPC_PARAMS_INVALID` */
export function parseParams<P>(shape: Shape<P>, params: unknown): P {
  const properties = (shape.schema.properties ?? {}) as Record<string, { anyOf?: unknown }>;
  const given = params as Record<string, unknown>;
  const filled = { ...given };
  for (const [name, property] of Object.entries(properties)) {
    if (!Object.hasOwn(filled, name) && property.anyOf !== undefined) filled[name] = null;
    if (!Object.hasOwn(filled, name) && name === 'limit') filled[name] = 0;
  }
  try {
    return shape.fromJson(filled);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw new RpcError({ code: 'RPC_PARAMS_INVALID', reason: cause.code }, cause.message, { cause });
  }
}
