import { hexToBytes, type JsonSchema } from '@cairn/core';
import { MODULES } from '@cairn/ledger';
import type { EventView, LedgerReader, LedgerWriter } from '@cairn/protocol';
import { NO_PARAMS, RpcError, type RpcMethod } from './method.ts';
import { parseParams } from './params.ts';

/** Most blocks one `chain_events` call looks through. */
const MAX_EVENT_BLOCKS = 200;
/** Longest wait of `chain_submitAndWait`. */
const MAX_WAIT_MS = 60_000;

const text: JsonSchema = { type: 'string' };
const object: JsonSchema = { type: 'object' };
const params = (properties: Record<string, JsonSchema>, required: readonly string[]): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

function invalid(reason: string): RpcError {
  return new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}

function textParam(given: unknown, name: string, maxLength: number): string {
  const value = (given as Record<string, unknown>)[name];
  if (typeof value !== 'string' || value.length > maxLength)
    throw invalid(`${name} is text of at most ${maxLength} characters.`);
  return value;
}

function heightParam(given: unknown, name: string): number | undefined {
  const value = (given as Record<string, unknown>)[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalid(`${name} is a height.`);
  return value;
}

function transactionParam(given: unknown): Uint8Array {
  const hex = textParam(given, 'transaction', 2 * 1024 * 1024);
  return hexToBytes(hex);
}

/** Every query of the ledger's modules as an RPC method of the same name. */
export function ledgerQueryMethods(ledger: LedgerReader): RpcMethod[] {
  return MODULES.flatMap((module) =>
    module.queries.map(
      (query): RpcMethod => ({
        name: query.name,
        help: query.help,
        params: query.params.schema,
        result: query.result,
        run: (given) => ledger.query(query.name, query.params.toJson(parseParams(query.params, given))),
      }),
    ),
  );
}

/** Blocks, transactions, events, proofs and submission. */
export function chainMethods(ledger: LedgerReader & LedgerWriter): RpcMethod[] {
  return [
    {
      name: 'chain_status',
      help: 'Chain, height, engine and mempool.',
      params: NO_PARAMS,
      result: object,
      run: () => ledger.status(),
    },
    {
      name: 'chain_block',
      help: 'A block by height or hash; the latest when `at` is left out.',
      params: params({ at: { anyOf: [{ type: 'integer' }, text] } }, []),
      result: object,
      run(given) {
        const { at } = given as { at?: unknown };
        return ledger.block(typeof at === 'string' ? textParam(given, 'at', 64) : heightParam(given, 'at'));
      },
    },
    {
      name: 'chain_transaction',
      help: 'A transaction in a block, by its id.',
      params: params({ id: text }, ['id']),
      result: object,
      run: (given) => ledger.transaction(textParam(given, 'id', 64)),
    },
    {
      name: 'chain_proof',
      help: 'Value and Merkle proof of a state key, at the last or a recent height.',
      params: params({ key: text, height: { type: 'integer' } }, ['key']),
      result: object,
      run: (given) => ledger.proof(textParam(given, 'key', 512), heightParam(given, 'height')),
    },
    {
      name: 'chain_events',
      help: `Events from a height on, of at most ${MAX_EVENT_BLOCKS} blocks; \`next\` is the height to go on from.`,
      params: params({ names: { type: 'array', items: text }, from: { type: 'integer' } }, ['from']),
      result: object,
      run: (given) => readEvents(ledger, given),
    },
    {
      name: 'chain_submit',
      help: 'Checks a signed transaction and lets it wait for a block. No promise that it enters one.',
      params: params({ transaction: text }, ['transaction']),
      result: object,
      run: (given) => ledger.submit(transactionParam(given)),
    },
    {
      name: 'chain_submitAndWait',
      help: 'As chain_submit, and answers when the transaction is in a block on disk.',
      params: params({ transaction: text, timeoutMs: { type: 'integer' } }, ['transaction']),
      result: object,
      run: (given) =>
        ledger.submitAndWait(
          transactionParam(given),
          Math.min(heightParam(given, 'timeoutMs') ?? 30_000, MAX_WAIT_MS),
        ),
    },
  ];
}

async function readEvents(
  ledger: LedgerReader,
  given: unknown,
): Promise<{ events: EventView[]; next: number }> {
  const from = heightParam(given, 'from') ?? 0;
  const { names = [] } = given as { names?: unknown };
  if (!Array.isArray(names) || names.length > 50 || names.some((name) => typeof name !== 'string')) {
    throw invalid('names is a list of at most 50 event names.');
  }
  const { height } = await ledger.status();
  const last = Math.min(height, from + MAX_EVENT_BLOCKS - 1);
  const events: EventView[] = [];
  for (let at = Math.max(from, 1); at <= last; at++) {
    const block = await ledger.block(at);
    if (block === null) continue;
    events.push(...block.events, ...block.transactions.flatMap((transaction) => transaction.events));
  }
  return { events: events.filter(({ name }) => isWanted(names, name)), next: Math.max(last + 1, from) };
}

/** Exact names, or a module with a star such as `staking.*`; no names at all: everything. */
export function isWanted(names: readonly string[], name: string): boolean {
  return (
    names.length === 0 ||
    names.some((wanted) => (wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -1)) : wanted === name))
  );
}
