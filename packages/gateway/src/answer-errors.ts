import { CairnError } from '@cairn/core';
import { GatewayError } from './errors.ts';
import type { ListedModel } from './route/catalogue.ts';

export function codeOf(error: unknown): string {
  return error instanceof CairnError ? error.code : 'UNKNOWN';
}

function refusalOf(error: unknown): string | null {
  if (!(error instanceof CairnError) || error.code !== 'PROVIDER_REFUSED') return null;
  return (error.problem as { refusal?: string }).refusal ?? null;
}

/** Whether the ledger could not be read, or proved: not a provider's doing. */
function isOfLedger(error: unknown): boolean {
  const code = codeOf(error);
  return isTold(code) || code.startsWith('RPC_');
}

/** What callers are told in words of its own: `errorToApi`. */
function isTold(code: string): boolean {
  return code.startsWith('LIGHT_') || code === 'NODE_UNREACHABLE' || code === 'SOURCE_UNREACHABLE';
}

/** What a failure says of the provider. */
export function verdictOf(error: unknown): 'failed' | 'busy' | 'cheated' {
  const code = codeOf(error);
  if (
    code === 'RECEIPT_REFUSED' ||
    code === 'CHANNEL_DISPUTED' ||
    code === 'PROVIDER_BROKE_PROTOCOL' ||
    code === 'TERMS_REFUSED'
  ) {
    return 'cheated';
  }
  const refusal = refusalOf(error);
  if (refusal === 'BUSY' || refusal === 'CONTEXT_TOO_SMALL') return 'busy';
  // A hub that does not pay this one now says nothing of it.
  if (refusal === 'CHANNELS_FULL' || refusal === 'FEE_TOO_LOW' || refusal === 'OFFER_UNKNOWN') return 'busy';
  // A provider without a sealing key is none for this request, and no worse for it.
  if (code === 'SEAL_REQUIRED') return 'busy';
  if (isOfLedger(error)) return 'busy';
  // The ledger refused to open or fill a channel: neither.
  const isOurs = code === 'TRANSACTION_REFUSED' || code === 'budget_exceeded' || code === 'provider_lied';
  return isOurs ? 'busy' : 'failed';
}

/** What ends the request whatever was shown of it; null when another provider may be asked. */
export function toFinalError(error: unknown, hasEmitted: boolean): unknown {
  if (!(error instanceof CairnError)) return error;
  if (error.code === 'TRANSACTION_REFUSED') {
    return new GatewayError(
      { code: 'insufficient_funds' },
      `The payment channel could not be filled: ${error.message} Top up the gateway's wallet.`,
      { cause: error },
    );
  }
  if (refusalOf(error) === 'CONTEXT_TOO_SMALL' && !hasEmitted) {
    return new GatewayError({ code: 'context_length_exceeded' }, error.message, { cause: error });
  }
  return error instanceof GatewayError && error.code !== 'provider_failed' ? error : null;
}

/** A failure in the middle that nobody can make good. */
export function toBreak(error: unknown, why: string): GatewayError {
  const reason = error instanceof CairnError ? error.message : 'The provider failed.';
  return new GatewayError({ code: 'provider_failed' }, `${reason} ${why}`, { cause: error });
}

/**
 * Why nobody answers: what those who were asked said, or what kept them from being asked.
 *
 * @param failures of those who were asked, the last one last
 */
export function nobody({ name, offers }: ListedModel, tried: number, failures: readonly unknown[]): unknown {
  const last = failures.at(-1);
  if (isTold(codeOf(last))) return last;
  if (tried === 0) {
    return new GatewayError(
      { code: 'no_provider_available' },
      `None of the ${offers.length} providers of ${name} fits this request now. Relax \`provider\`, or try again in a moment.`,
    );
  }
  const reason = last instanceof Error ? ` The last one: ${last.message}` : '';
  const areAllBusy =
    failures.length === offers.length && failures.every((failure) => refusalOf(failure) === 'BUSY');
  if (areAllBusy) {
    const limit = offers.reduce((sum, { terms }) => sum + terms.maxConcurrency, 0);
    return new GatewayError(
      { code: 'no_provider_available', limit },
      `All ${offers.length} providers of ${name} are busy: they give ${limit} answers at once. Try again in a moment.`,
      { cause: last },
    );
  }
  return new GatewayError(
    { code: 'no_provider_available' },
    `${tried} of ${offers.length} providers of ${name} were asked and none answered.${reason}`,
    { cause: last },
  );
}
