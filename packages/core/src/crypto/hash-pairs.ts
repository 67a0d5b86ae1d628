import { CoreError } from '../errors.ts';

/** @throws CoreError `VALUE_OUT_OF_RANGE` unless `pairs` is n × 64 bytes and `out` n × 32. */
export function assertPairs(pairs: Uint8Array, out: Uint8Array): void {
  if (pairs.length % 64 !== 0 || out.length * 2 !== pairs.length) {
    throw new CoreError(
      { code: 'VALUE_OUT_OF_RANGE', type: 'pairs' },
      `Hashing pairs wants n × 64 bytes in and n × 32 bytes out, not ${pairs.length} and ${out.length}.`,
    );
  }
}
