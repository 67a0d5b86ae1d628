import { NodeError } from '../errors.ts';

/** Nothing can be said about the weights. */
export function auditImpossible(reason: string, cause?: unknown): NodeError {
  return new NodeError({ code: 'AUDIT_IMPOSSIBLE', reason }, reason, cause === undefined ? {} : { cause });
}
