import { CairnError } from '@cairn/core';
import { type EvidenceBundle, openEvidence, type Weights } from '@cairn/mechanisms';
import { type AuditParts, auditEvidence, type WeightsAudit } from './audit-evidence.ts';
import { findRevealedSalt } from './epoch-facts.ts';
import { readBlockEvents } from './events-backwards.ts';
import { auditImpossible } from './impossible.ts';

/**
 * Derives a validator's weights again from its evidence and compares them with the ledger.
 *
 * @throws NodeError `AUDIT_IMPOSSIBLE` when there are no weights, or their evidence is not here or does not open
 */
export async function auditWeights(
  parts: Omit<AuditParts, 'history'>,
  netuid: number,
  uid: number,
  mechanism = 0,
): Promise<WeightsAudit> {
  const { ledger } = parts;
  const history = readBlockEvents(ledger);
  const weights = await ledger.query<(Weights & { readonly evidenceRoot: string }) | null>('yuma_weights', {
    netuid,
    uid,
    mechanism,
  });
  if (weights === null)
    throw auditImpossible(
      `Neuron ${uid} of subnet ${netuid} has no weights in force: it set none, or has not revealed any yet.`,
    );
  const { evidenceRoot } = weights;
  const salt = await findRevealedSalt({ ledger, history }, { netuid, uid, evidenceRoot });
  const bundle = await readBundle(parts, evidenceRoot, salt);
  return auditEvidence(
    { ...parts, history },
    { netuid, mechanism, uid, weights, evidenceRoot, salt, bundle },
  );
}

async function readBundle(
  { crypto, blobs }: Pick<AuditParts, 'crypto' | 'blobs'>,
  root: string,
  salt: Uint8Array,
): Promise<EvidenceBundle> {
  const sealed = await blobs.get(root);
  if (sealed === null)
    throw auditImpossible(
      `The evidence ${root} is not here. The validator that withholds it can be disputed.`,
    );
  try {
    return openEvidence(crypto, salt, sealed);
  } catch (error) {
    if (!(error instanceof CairnError)) throw error;
    const wrong =
      error.code === 'BUNDLE_SEALED_WRONG'
        ? 'does not open with the salt that its weights revealed'
        : 'opens to something that is no bundle';
    throw auditImpossible(
      `The evidence ${root} ${wrong}. The validator that published it can be disputed.`,
      error,
    );
  }
}
