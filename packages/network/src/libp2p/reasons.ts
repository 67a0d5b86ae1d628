/** Most reasons told of one failure. */
const MAX_REASONS = 4;

/** As noise and QUIC say it, which have no name for it. */
const ANOTHER_PEER = /^(Payload identity key|Dialed peer \w+ but connected to )/;

/** Why a dial failed, in one line: the reasons below an error that only collects them. */
export function explain(error: unknown): string {
  const reasons = new Set<string>();
  const visit = (seen: unknown, depth: number): void => {
    if (!(seen instanceof Error) || depth > 4) return;
    if (seen instanceof AggregateError && seen.errors.length > 0) {
      for (const one of seen.errors.slice(0, 16)) visit(one, depth + 1);
      return;
    }
    reasons.add(plain(seen));
  };
  visit(error, 0);
  return [...reasons].slice(0, MAX_REASONS).join('; ') || 'no reason is known';
}

function plain(error: Error): string {
  const { code } = error as { code?: unknown };
  if (code === 'ECONNREFUSED') return 'nothing listens there (connection refused)';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its host name is not known';
  if (error.name === 'NoValidAddressesError') return 'no address of it is known that this peer can dial';
  if (error.name === 'NotFoundError') return 'no address of it is known';
  if (error.name === 'TimeoutError') return 'there was no answer in time';
  if (error.name === 'UnexpectedPeerError' || ANOTHER_PEER.test(error.message))
    return 'another peer answered at that address';
  return error.message.replace(/\p{C}/gu, '?').slice(0, 200);
}
