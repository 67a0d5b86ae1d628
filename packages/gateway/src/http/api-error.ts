import { CairnError, formatAmount } from '@cairn/core';
import { GatewayError, type GatewayProblem } from '../errors.ts';

/** A failure as OpenAI's clients read it; an endpoint may tell the body in another API's words. */
export interface ApiError {
  readonly status: number;
  readonly body: {
    readonly error: {
      readonly message: string;
      readonly type: string;
      readonly param: string | null;
      readonly code: string;
    };
  };
  readonly headers: Readonly<Record<string, string>>;
}

const STATUS: Readonly<Record<GatewayProblem['code'], readonly [status: number, type: string]>> = {
  host_not_allowed: [403, 'permission_error'],
  origin_not_allowed: [403, 'permission_error'],
  invalid_api_key: [401, 'authentication_error'],
  method_not_allowed: [405, 'invalid_request_error'],
  unknown_url: [404, 'invalid_request_error'],
  unsupported_media_type: [415, 'invalid_request_error'],
  request_too_large: [413, 'invalid_request_error'],
  invalid_json: [400, 'invalid_request_error'],
  invalid_value: [400, 'invalid_request_error'],
  missing_required_parameter: [400, 'invalid_request_error'],
  unsupported_parameter: [400, 'invalid_request_error'],
  context_length_exceeded: [400, 'invalid_request_error'],
  model_not_found: [404, 'invalid_request_error'],
  model_not_allowed: [403, 'permission_error'],
  wallet_not_allowed: [402, 'insufficient_quota'],
  model_kind_not_served: [404, 'invalid_request_error'],
  file_not_found: [404, 'invalid_request_error'],
  batch_not_found: [404, 'invalid_request_error'],
  response_not_found: [404, 'invalid_request_error'],
  session_not_found: [404, 'invalid_request_error'],
  storage_full: [413, 'invalid_request_error'],
  receipt_not_found: [404, 'invalid_request_error'],
  idempotency_key_reused: [422, 'invalid_request_error'],
  idempotency_in_progress: [409, 'invalid_request_error'],
  idempotency_answer_gone: [422, 'invalid_request_error'],
  key_not_found: [404, 'invalid_request_error'],
  operator_only: [403, 'permission_error'],
  too_many_keys: [409, 'invalid_request_error'],
  insufficient_funds: [402, 'insufficient_quota'],
  budget_exceeded: [402, 'insufficient_quota'],
  too_many_requests: [429, 'rate_limit_error'],
  payment_required: [402, 'insufficient_quota'],
  payment_invalid: [402, 'insufficient_quota'],
  payments_not_allowed: [403, 'permission_error'],
  payment_failed: [402, 'insufficient_quota'],
  deploy_not_available: [404, 'invalid_request_error'],
  no_provider_available: [503, 'server_error'],
  provider_failed: [502, 'server_error'],
  provider_lied: [502, 'server_error'],
  ledger_unreachable: [503, 'server_error'],
  ledger_not_proved: [502, 'server_error'],
  internal_error: [500, 'server_error'],
};

/** When busy providers may be asked again: none of them says when it will have room. */
const BUSY_RETRY_MS = 1_000;

/** The one place where errors become HTTP. Nothing of an unexpected error is shown. */
export function errorToApi(error: unknown): ApiError {
  const known = error instanceof GatewayError ? error : describe(error);
  const { problem } = known;
  const [status, type] = STATUS[problem.code];
  const headers: Record<string, string> = {};
  if (problem.code === 'method_not_allowed') headers.allow = problem.allow;
  if (status === 503 || problem.code === 'idempotency_in_progress') headers['retry-after'] = '1';
  if (problem.code === 'too_many_requests') {
    Object.assign(headers, waitHeaders(problem.resetMs));
    headers['x-ratelimit-limit-requests'] = String(problem.limit);
    headers['x-ratelimit-remaining-requests'] = '0';
    headers['x-ratelimit-reset-requests'] = seconds(problem.resetMs);
    if (problem.position !== null) headers['x-cairn-queue-position'] = String(problem.position);
  }
  if (problem.code === 'budget_exceeded' && problem.limit !== undefined) {
    headers['x-ratelimit-limit-cairn'] = formatAmount(problem.limit);
    headers['x-ratelimit-remaining-cairn'] = formatAmount(problem.left ?? 0n);
    if (typeof problem.resetMs === 'number') {
      headers['x-ratelimit-reset-cairn'] = seconds(problem.resetMs);
      Object.assign(headers, waitHeaders(problem.resetMs));
    }
  }
  Object.assign(headers, fullHeaders(problem));
  if (problem.code === 'invalid_api_key') headers['www-authenticate'] = 'Bearer';
  return {
    status,
    headers,
    body: {
      error: {
        message: known.message,
        type,
        param: 'param' in problem ? problem.param : 'model' in problem ? 'model' : null,
        code: problem.code,
      },
    },
  };
}

function describe(cause: unknown): GatewayError {
  const code = cause instanceof CairnError ? cause.code : '';
  if (code === 'NODE_UNREACHABLE' || code === 'SOURCE_UNREACHABLE') {
    return new GatewayError(
      { code: 'ledger_unreachable' },
      'The gateway cannot read the ledger now: no node that tells it of the network answers. Try again in a moment; its log says which.',
      { cause },
    );
  }
  if (code.startsWith('LIGHT_')) {
    return new GatewayError(
      { code: 'ledger_not_proved' },
      `What the gateway is told of the ledger is not proved (${code}), and it seals nothing to such a key. Its log says what.`,
      { cause },
    );
  }
  return new GatewayError({ code: 'internal_error' }, 'The gateway failed. Its log says why.', { cause });
}

/** Of a limit that no time ends: what is full, and how much of it is left. It has no reset and no queue. */
function fullHeaders(problem: GatewayProblem): Record<string, string> {
  const full = (unit: string, limit: number, left: number | null) => ({
    [`x-ratelimit-limit-${unit}`]: String(limit),
    ...(left === null ? {} : { [`x-ratelimit-remaining-${unit}`]: String(left) }),
  });
  if (problem.code === 'storage_full') return full(problem.unit, problem.limit, problem.left);
  if (problem.code === 'too_many_keys') return full('keys', problem.limit, 0);
  if (problem.code !== 'no_provider_available' || problem.limit === undefined) return {};
  return { ...full('requests', problem.limit, 0), ...waitHeaders(BUSY_RETRY_MS) };
}

function waitHeaders(ms: number): Record<string, string> {
  return { 'retry-after': String(Math.max(Math.ceil(ms / 1_000), 1)), 'retry-after-ms': String(ms) };
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)}s`;
}

/** True for errors nobody expected: someone must look at them. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof GatewayError);
}
