import type { JsonSchema } from '@cairn/core';
import { MODULES } from '@cairn/ledger';
import { type EventView, type LedgerReader, type LedgerWriter, lightBlockShape } from '@cairn/protocol';
import { NO_PARAMS, type RpcMethod } from './method.ts';
import {
  blockParam,
  hashParam,
  hexParam,
  namesParam,
  optionalParam,
  type Param,
  paramsSchema,
  parseParams,
  readParams,
  textParam,
  wholeParam,
} from './params.ts';

/** Most blocks one `chain_events` call looks through. */
const MAX_EVENT_BLOCKS = 200;
/** A page of `chain_events` ends with the block in which it reaches this many events. */
const MAX_PAGE_EVENTS = 5_000;
/** Longest wait of `chain_submitAndWait`. */
const MAX_WAIT_MS = 60_000;
/** Largest transaction taken; the mempool's own limit is lower. */
const MAX_TRANSACTION_BYTES = 1024 * 1024;

const object: JsonSchema = { type: 'object' };
const objectOrNull: JsonSchema = { anyOf: [object, { type: 'null' }] };
const height = wholeParam('a height');
const transaction = hexParam(MAX_TRANSACTION_BYTES);

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

interface Declaration<P extends Readonly<Record<string, Param<unknown>>>> {
  readonly name: string;
  readonly help: string;
  readonly takes: P;
  readonly result: JsonSchema;
  run(given: { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never }): Promise<unknown>;
}

function define<P extends Readonly<Record<string, Param<unknown>>>>(declared: Declaration<P>): RpcMethod {
  const { name, help, takes, result } = declared;
  return {
    name,
    help,
    params: Object.keys(takes).length === 0 ? NO_PARAMS : paramsSchema(takes),
    result,
    run: async (given) => declared.run(readParams(takes, given)),
  };
}

/** Blocks, transactions, events, proofs and submission. */
export function chainMethods(ledger: LedgerReader & LedgerWriter): RpcMethod[] {
  return [
    define({
      name: 'chain_status',
      help: 'Chain, height, engine and mempool.',
      takes: {},
      result: object,
      run: () => ledger.status(),
    }),
    define({
      name: 'chain_block',
      help: 'A block by height or hash; the latest when `at` is left out. Null when there is none.',
      takes: { at: optionalParam(blockParam) },
      result: objectOrNull,
      run: ({ at }) => ledger.block(at),
    }),
    define({
      name: 'chain_transaction',
      help: 'A transaction in a block, by its id. Null when it is in none.',
      takes: { id: hashParam },
      result: objectOrNull,
      run: ({ id }) => ledger.transaction(id),
    }),
    define({
      name: 'chain_proof',
      help: 'Value and Merkle proof of a state key, at the last or a recent height.',
      takes: { key: textParam(512), height: optionalParam(height) },
      result: object,
      run: ({ key, height: at }) => ledger.proof(key, at),
    }),
    define({
      name: 'chain_lightBlock',
      help: 'Header, votes and validators of a height, or of the newest that has its votes. Null when there is none.',
      takes: { height: optionalParam(height) },
      result: { anyOf: [lightBlockShape.schema, { type: 'null' }] },
      run: ({ height: at }) => ledger.lightBlock(at),
    }),
    define({
      name: 'chain_events',
      help: `Events from a height on, of at most ${MAX_EVENT_BLOCKS} blocks; \`next\` is the height to go on from.`,
      takes: { names: optionalParam(namesParam), from: height },
      result: object,
      run: ({ names, from }) => readEvents(ledger, from, names),
    }),
    define({
      name: 'chain_submit',
      help: 'Checks a signed transaction and lets it wait for a block. No promise that it enters one.',
      takes: { transaction },
      result: object,
      run: (given) => ledger.submit(given.transaction),
    }),
    define({
      name: 'chain_submitAndWait',
      help: `As chain_submit, and answers when the transaction is in a block on disk. Waits at most ${MAX_WAIT_MS} ms.`,
      takes: { transaction, timeoutMs: optionalParam(wholeParam('milliseconds')) },
      result: object,
      run: (given) =>
        ledger.submitAndWait(given.transaction, Math.min(given.timeoutMs ?? 30_000, MAX_WAIT_MS)),
    }),
  ];
}

/** The event that ends each block. */
const COMMITTED = 'chain.committed';

/** One page of the same events, in the same order, that a subscription gives. */
async function readEvents(
  ledger: LedgerReader,
  from: number,
  names: readonly string[] | undefined,
): Promise<{ events: EventView[]; next: number }> {
  const latest = (await ledger.status()).height;
  if (from === latest + 1) return { events: [], next: from };
  const last = Math.min(latest, from + MAX_EVENT_BLOCKS - 1);
  const wantsCommits = names === undefined || isWanted(names, COMMITTED);
  const filter = names === undefined ? { from } : { from, names: [...names, COMMITTED] };
  const events: EventView[] = [];
  let next = from;
  for await (const event of ledger.events(filter)) {
    if (event.name !== COMMITTED || wantsCommits) events.push(event);
    if (event.name !== COMMITTED) continue;
    next = event.height + 1;
    if (next > last || events.length >= MAX_PAGE_EVENTS) break;
  }
  return { events, next };
}

function isWanted(names: readonly string[], name: string): boolean {
  return names.some((wanted) =>
    wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : wanted === name,
  );
}
