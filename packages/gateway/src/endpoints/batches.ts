import { type Fields, invalid, isObject, missing } from '../api/fields.ts';
import { shortText } from '../api/parse-messages.ts';
import { GatewayError } from '../errors.ts';
import { parseJsonObject, readBody } from '../http/read-body.ts';
import { replyJson } from '../http/reply.ts';
import type { Batch } from './batch-book.ts';
import { BATCH_ENDPOINTS, parseLines } from './batch-line.ts';
import { type BatchRunner, WINDOW_SECONDS } from './batch-runner.ts';
import type { Endpoint, EndpointContext, Exchange } from './endpoint.ts';
import { filesOf, pageOf } from './files.ts';

const MOST_METADATA = 16;

function batchesOf({ batches }: Pick<EndpointContext, 'batches'>): BatchRunner {
  if (batches !== null) return batches;
  throw new GatewayError({ code: 'unknown_url' }, 'This gateway keeps no files and runs no batches.');
}

function describeBatch(batch: Batch): object {
  const { status, endedAt } = batch;
  const at = (wanted: Batch['status']) => (status === wanted ? endedAt : null);
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors:
      batch.faults.length === 0
        ? null
        : { object: 'list', data: batch.faults.map((fault) => ({ ...fault, param: null })) },
    input_file_id: batch.inputFile,
    completion_window: '24h',
    status,
    output_file_id: batch.outputFile,
    error_file_id: batch.errorFile,
    created_at: batch.createdAt,
    in_progress_at: status === 'failed' ? null : batch.createdAt,
    expires_at: batch.createdAt + WINDOW_SECONDS,
    finalizing_at: endedAt,
    completed_at: at('completed'),
    failed_at: at('failed'),
    expired_at: at('expired'),
    cancelling_at: batch.cancelledAt,
    cancelled_at: at('cancelled'),
    request_counts: { total: batch.total, completed: batch.completed, failed: batch.failed },
    metadata: batch.metadata,
  };
}

async function create(context: EndpointContext, exchange: Exchange): Promise<void> {
  const { request, response, headers } = exchange;
  const body = await readBody(request, context.mostBodyBytes);
  // Asked again under its name, it would be paid line by line once more.
  await context.once(exchange, body, async () => {
    const told = JSON.stringify(describeBatch(await begin(context, exchange, parseJsonObject(body))));
    replyJson(response, 200, told, headers);
    const type = { 'content-type': 'application/json; charset=utf-8' };
    return { status: 200, headers: { ...headers, ...type }, body: told };
  });
}

async function begin(context: EndpointContext, { caller }: Exchange, fields: Fields): Promise<Batch> {
  const runner = batchesOf(context);
  if (fields.input_file_id === undefined) throw missing('input_file_id');
  const inputFile = shortText(fields.input_file_id, 'input_file_id', 100);
  const endpoint = BATCH_ENDPOINTS.find((name) => name === fields.endpoint);
  if (endpoint === undefined) throw invalid('endpoint', `one of ${BATCH_ENDPOINTS.join(', ')}`);
  if (fields.completion_window !== '24h') throw invalid('completion_window', '24h');
  const metadata = readMetadata(fields.metadata);
  const text = new TextDecoder().decode(filesOf(context).read(caller, inputFile));
  const { lines, faults } = parseLines(text, endpoint);
  const isFine = faults.length === 0;
  const batch = await runner.store.create({
    caller,
    endpoint,
    inputFile,
    metadata,
    status: isFine ? 'in_progress' : 'failed',
    endedAt: isFine ? null : Math.floor(context.clock.nowMs() / 1000),
    cancelledAt: null,
    total: isFine ? lines.length : 0,
    completed: 0,
    failed: 0,
    outputFile: null,
    errorFile: null,
    faults,
  });
  runner.wake();
  return batch;
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  const wanted = `at most ${MOST_METADATA} short texts by short names`;
  if (!isObject(value)) throw invalid('metadata', wanted);
  const entries = Object.entries(value as Fields);
  const isFine = entries.every(
    ([name, text]) => name.length <= 64 && typeof text === 'string' && text.length <= 512,
  );
  if (!isFine || entries.length > MOST_METADATA) throw invalid('metadata', wanted);
  return Object.fromEntries(entries) as Record<string, string>;
}

async function cancel(
  context: EndpointContext,
  { response, headers, caller, rest }: Exchange,
): Promise<void> {
  const runner = batchesOf(context);
  const [id = '', verb] = rest.split('/');
  if (verb !== 'cancel') throw new GatewayError({ code: 'unknown_url' }, 'A batch has /cancel, and no more.');
  const batch = await runner.cancel(runner.store.find(caller, id));
  replyJson(response, 200, JSON.stringify(describeBatch(batch)), headers);
}

/** Work that may wait: lines of a file, run while nobody else asks. */
export const batchEndpoints: readonly Endpoint[] = [
  { method: 'POST', path: '/v1/batches', serve: create },
  {
    method: 'GET',
    path: '/v1/batches',
    async serve(context, { request, response, headers, caller }) {
      const { shown, hasMore } = pageOf(request.url, batchesOf(context).store.list(caller));
      const data = shown.map(describeBatch);
      const ends = { first_id: shown[0]?.id ?? null, last_id: shown.at(-1)?.id ?? null };
      replyJson(response, 200, JSON.stringify({ object: 'list', data, ...ends, has_more: hasMore }), headers);
    },
  },
  {
    method: 'GET',
    path: '/v1/batches/',
    async serve(context, { response, headers, caller, rest }) {
      const batch = batchesOf(context).store.find(caller, rest);
      replyJson(response, 200, JSON.stringify(describeBatch(batch)), headers);
    },
  },
  { method: 'POST', path: '/v1/batches/', serve: cancel },
];
