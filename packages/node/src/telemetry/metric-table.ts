/** One metric: the table makes the help texts, the check of the dashboard and the page of the guide. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Names of its labels. Each takes few values. */
  readonly labels?: readonly string[];
  /** Upper bounds of a histogram's buckets. @default from a millisecond to a minute */
  readonly buckets?: readonly number[];
}

export const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60] as const;
const PER_SECOND = [1, 5, 10, 20, 40, 80, 160, 320, 640, 1_280] as const;
/** From a millionth of a CAIRN to one. */
const CAIRN = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1] as const;

/** Every metric of a node. None has a label for people, keys, models or providers: strangers choose those. */
export const METRICS = {
  cairn_gateway_requests_total: {
    kind: 'counter',
    help: 'Requests of clients that were answered, by endpoint and class of status.',
    labels: ['endpoint', 'status'],
  },
  cairn_gateway_request_seconds: {
    kind: 'histogram',
    help: 'Time from a request to the end of its answer.',
    labels: ['endpoint'],
  },
  cairn_gateway_in_flight_requests: { kind: 'gauge', help: 'Requests of clients under way.' },
  cairn_gateway_attempts_total: {
    kind: 'counter',
    help: 'Providers asked, by how it ended: answered, left by the reader, or the code of what went wrong.',
    labels: ['outcome'],
  },
  cairn_gateway_retries_total: {
    kind: 'counter',
    help: 'Providers asked because another one had not answered, or was late.',
  },
  cairn_gateway_continuations_total: {
    kind: 'counter',
    help: 'Answers that another provider went on with, by how that ended.',
    labels: ['outcome'],
  },
  cairn_gateway_first_token_seconds: {
    kind: 'histogram',
    help: 'Time from asking a provider to its first token.',
  },
  cairn_gateway_speed_tokens_per_second: {
    kind: 'histogram',
    help: 'Speed of an answer behind its first token.',
    buckets: PER_SECOND,
  },
  cairn_gateway_answers_total: { kind: 'counter', help: 'Answers with a receipt that was checked.' },
  cairn_gateway_tokens_total: {
    kind: 'counter',
    help: 'Tokens that were paid for, by kind: prompt or completion.',
    labels: ['kind'],
  },
  cairn_gateway_spent_cairn_total: { kind: 'counter', help: 'CAIRN that answers cost.' },
  cairn_gateway_answer_cost_cairn: {
    kind: 'histogram',
    help: 'CAIRN that one answer cost.',
    buckets: CAIRN,
  },
  cairn_gateway_breakers_open_providers: {
    kind: 'gauge',
    help: 'Providers that are not asked for now, because they failed.',
  },
  cairn_gateway_known_providers: { kind: 'gauge', help: 'Providers this gateway has asked and remembers.' },
  cairn_miner_answers_total: {
    kind: 'counter',
    help: 'Answers this node signed a receipt for, by miner.',
    labels: ['miner'],
  },
  cairn_miner_tokens_total: {
    kind: 'counter',
    help: 'Tokens of signed receipts, by miner and kind: prompt or completion.',
    labels: ['miner', 'kind'],
  },
  cairn_miner_earned_cairn_total: {
    kind: 'counter',
    help: 'CAIRN of signed receipts, by miner.',
    labels: ['miner'],
  },
  cairn_miner_in_flight_answers: {
    kind: 'gauge',
    help: 'Answers that the engine makes or that wait for it, by miner.',
    labels: ['miner'],
  },
  cairn_miner_queue_seconds: {
    kind: 'histogram',
    help: 'Time from handing a question to the engine to its first token: waiting and reading the prompt.',
    labels: ['miner'],
  },
  cairn_network_streams_total: {
    kind: 'counter',
    help: 'Streams, by direction and how they ended.',
    labels: ['direction', 'outcome'],
  },
  cairn_network_open_streams: { kind: 'gauge', help: 'Streams that are open.', labels: ['direction'] },
  cairn_network_frames_total: { kind: 'counter', help: 'Frames, by way: in or out.', labels: ['way'] },
  cairn_network_bytes_total: {
    kind: 'counter',
    help: 'Bytes of frames, by way: in or out.',
    labels: ['way'],
  },
  cairn_chain_height_blocks: { kind: 'gauge', help: 'Height of the last block.' },
  cairn_mempool_waiting_transactions: { kind: 'gauge', help: 'Transactions that wait for a block.' },
  cairn_state_keys: { kind: 'gauge', help: 'Entries of the state.' },
  cairn_process_resident_bytes: { kind: 'gauge', help: 'Memory of this process.' },
  cairn_process_cpu_seconds_total: { kind: 'counter', help: 'Processor time of this process.' },
  cairn_traces_spans_total: {
    kind: 'counter',
    help: 'Spans, by what became of them: sent, dropped because the collector is too slow, or failed.',
    labels: ['outcome'],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

export function findMetric(name: string): MetricDefinition | undefined {
  return Object.hasOwn(METRICS, name) ? METRICS[name as MetricName] : undefined;
}
