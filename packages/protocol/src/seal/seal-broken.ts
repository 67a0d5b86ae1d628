import { ProtocolError } from '../errors.ts';

export function sealBroken(reason: string): ProtocolError {
  return new ProtocolError(
    { code: 'SEAL_BROKEN', reason },
    `Something sealed cannot be opened: ${reason}. It was changed on its way, or sealed for another.`,
  );
}
