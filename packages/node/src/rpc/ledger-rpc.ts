import type { Logger } from '@cairn/core';
import type { LedgerReader, LedgerWriter } from '@cairn/protocol';
import { createJsonRpc, type JsonRpc } from './json-rpc.ts';
import { chainMethods, ledgerQueryMethods } from './ledger-methods.ts';
import type { RpcMethod } from './method.ts';

/** Everything about a ledger that strangers may call. */
export function ledgerMethods(ledger: LedgerReader & LedgerWriter): RpcMethod[] {
  return [...chainMethods(ledger), ...ledgerQueryMethods(ledger)];
}

/** JSON-RPC over a ledger's methods, and more of a node's own. */
export function createLedgerRpc(
  parts: { ledger: LedgerReader & LedgerWriter; log: Logger },
  more: readonly RpcMethod[] = [],
): JsonRpc {
  const methods = [...ledgerMethods(parts.ledger), ...more];
  return createJsonRpc({ methods: new Map(methods.map((method) => [method.name, method])), log: parts.log });
}
