import { CairnError } from '@cairn/core';

/** What a gateway says no to. Codes are those of OpenAI's API where it has one. */
export type GatewayProblem =
  | { code: 'host_not_allowed' }
  | { code: 'origin_not_allowed' }
  | { code: 'invalid_api_key' }
  | { code: 'method_not_allowed'; allow: string }
  | { code: 'unknown_url' }
  | { code: 'unsupported_media_type' }
  | { code: 'request_too_large'; limitBytes: number }
  | { code: 'invalid_json' }
  | { code: 'invalid_value'; param: string }
  | { code: 'missing_required_parameter'; param: string }
  | { code: 'unsupported_parameter'; param: string }
  | { code: 'context_length_exceeded' }
  | { code: 'model_not_found'; model: string }
  | { code: 'model_not_allowed'; model: string }
  | { code: 'wallet_not_allowed' }
  | { code: 'model_kind_not_served'; model: string | null }
  | { code: 'receipt_not_found' }
  | { code: 'file_not_found' }
  | { code: 'batch_not_found' }
  | { code: 'response_not_found' }
  | { code: 'session_not_found' }
  | {
      code: 'storage_full';
      limit: number;
      unit: 'bytes' | 'files';
      /** How many more fit; null where the limit is that of one file. */
      left: number | null;
    }
  | { code: 'idempotency_key_reused' }
  | { code: 'idempotency_in_progress' }
  | { code: 'idempotency_answer_gone' }
  | { code: 'key_not_found' }
  | { code: 'operator_only' }
  | { code: 'too_many_keys'; limit: number }
  | { code: 'insufficient_funds' }
  | {
      code: 'budget_exceeded';
      /** Pebbles. */
      limit?: bigint;
      left?: bigint;
      /** Until the budget begins anew; null: never. */
      resetMs?: number | null;
    }
  | {
      code: 'too_many_requests';
      limit: number;
      /** Until it is worth trying again. */
      resetMs: number;
      /** How many wait, this request included; null where there is no queue. */
      position: number | null;
    }
  | { code: 'payment_required' }
  | { code: 'payment_invalid'; reason: string; charged?: bigint }
  | { code: 'payments_not_allowed' }
  | { code: 'payment_failed' }
  | { code: 'deploy_not_available' }
  | {
      code: 'no_provider_available';
      /** Answers at once that all providers offer, where each of them said that it gives as many. */
      limit?: number;
    }
  | { code: 'provider_failed' }
  | { code: 'provider_lied'; provider: string }
  | { code: 'ledger_unreachable' }
  | { code: 'ledger_not_proved' }
  | { code: 'internal_error' };

export class GatewayError extends CairnError<GatewayProblem> {
  override readonly name = 'GatewayError';
}
