import { SdkError } from '../errors.ts';
import type { LightSource } from './light-client.ts';
import type { Doubt } from './verify.ts';

/** Why the header of a height is not believed. */
export function refusal(source: LightSource, height: bigint, doubt: Doubt): SdkError {
  if (doubt.code === 'expired') {
    return new SdkError(
      { code: 'LIGHT_EXPIRED', height: height.toString() },
      `Height ${height} cannot be verified: ${doubt.message}. Ask somebody you trust for the hash of a newer header.`,
    );
  }
  const reason =
    doubt.code === 'untrusted'
      ? `only ${doubt.signed} of ${doubt.total} power that was trusted voted for it`
      : doubt.message;
  return new SdkError(
    { code: 'LIGHT_INVALID', source: source.name, height: height.toString(), reason },
    `The header of height ${height} from ${source.name} is refused: ${reason}.`,
  );
}
