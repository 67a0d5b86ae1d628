import { type AccountId, accountIdToAddress, type Random } from '@cairn/core';
import {
  type OpenFrame,
  SEAL_RANDOM_BYTES,
  type SealBinding,
  type SealCrypto,
  type SealedOpenFrame,
  type SealedRequest,
  type SealingPublicKeys,
  type SealSuite,
  sealRequest,
} from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/**
 * `prefer` seals whenever the provider has a key on the ledger; `required` refuses providers without one; `off`
 * sends in clear.
 */
export const SEAL_MODES = ['prefer', 'required', 'off'] as const;
export type SealMode = (typeof SEAL_MODES)[number];

export interface SealParts {
  readonly crypto: SealCrypto;
  readonly chainId: Uint8Array;
  /** The keys that a provider has on the ledger; null when it has none. */
  readonly keysOf: (provider: AccountId) => Promise<SealingPublicKeys | null>;
  /** @default 'prefer' */
  readonly mode?: SealMode;
}

/**
 * The keys to seal to; null: the request goes in clear. A ledger that cannot be read is an error, never a reason
 * to send in clear.
 *
 * @throws SdkError `SEAL_REQUIRED`
 */
export async function findSealingKeys(
  parts: SealParts | undefined,
  wanted: SealMode | undefined,
  provider: AccountId,
): Promise<SealingPublicKeys | null> {
  const mode = wanted ?? parts?.mode ?? 'prefer';
  if (mode === 'off') return null;
  const keys = parts === undefined ? null : await parts.keysOf(provider);
  if (keys !== null || mode === 'prefer') return keys;
  const address = accountIdToAddress(provider);
  throw new SdkError(
    { code: 'SEAL_REQUIRED', provider: address },
    `Provider ${address} has no sealing key on the ledger, and this request must be sealed. Ask another provider, or allow requests in clear.`,
  );
}

/** Seals a body with fresh randomness; null without keys. @throws ProtocolError `SEALING_KEY_UNFIT` */
export function sealTo(
  { seal, random }: { readonly seal?: SealParts; readonly random: Random },
  keys: SealingPublicKeys | null,
  binding: Omit<SealBinding, 'chainId'>,
  body: Uint8Array,
): SealedRequest | null {
  if (keys === null || seal === undefined) return null;
  const { crypto, chainId } = seal;
  return sealRequest(crypto, keys, { ...binding, chainId }, body, random.bytes(SEAL_RANDOM_BYTES));
}

/** How a question leaves. */
export interface HowOpened {
  /** Absent: in clear. */
  readonly sealed?: SealSuite;
  /** Set by whoever has checked that hardware vouches for the keys it is sealed to. */
  readonly attested?: true;
}

/** How a question leaves that was sealed, or was not. */
export const howOpened = (sealed: SealedRequest | null): HowOpened =>
  sealed === null ? {} : { sealed: sealed.suite };

/** The first frame: sealed, or in clear when nothing was sealed. */
export function openingFrame(
  opening: Omit<OpenFrame, 'type' | 'body'>,
  { requestHash, artifact }: Pick<SealBinding, 'requestHash' | 'artifact'>,
  sealed: SealedRequest | null,
  body: Uint8Array,
): OpenFrame | SealedOpenFrame {
  if (sealed === null) return { type: 'open', ...opening, body };
  return { type: 'sealed-open', ...opening, requestHash, artifact, sealed: sealed.bytes };
}
