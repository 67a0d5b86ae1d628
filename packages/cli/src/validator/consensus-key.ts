import { createEd25519Signer, type Signer } from '@cairn/core';
import { CliError } from '../errors.ts';
import { readText } from '../tx/message-value.ts';

/**
 * Opens the key that votes: 64 hexadecimal digits, as a node of this program keeps it, or a
 * `priv_validator_key.json` of CometBFT.
 *
 * @throws CliError `FILE_MALFORMED`, `NOT_FOUND`
 */
export async function readConsensusKey(path: string): Promise<Signer> {
  const secret = secretOf((await readText(path)).trim());
  if (secret !== null) return createEd25519Signer(secret);
  const reason = 'it is no ed25519 key';
  throw new CliError(
    { code: 'FILE_MALFORMED', path, reason },
    `${path} is not a consensus key: it has to hold 64 hexadecimal digits, or be a priv_validator_key.json with an ed25519 key.`,
  );
}

function secretOf(text: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return new Uint8Array(Buffer.from(text, 'hex'));
  try {
    const { type, value } = (JSON.parse(text) as { priv_key: { type: unknown; value: unknown } }).priv_key;
    if (type !== 'tendermint/PrivKeyEd25519' || typeof value !== 'string') return null;
    // The seed and, behind it, the public key.
    const bytes = new Uint8Array(Buffer.from(value, 'base64'));
    return bytes.length === 64 ? bytes.slice(0, 32) : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}
