import type { AuditFinding, EvidenceBundle } from '@cairn/mechanisms';
import type { LedgerReader } from '@cairn/protocol';

interface MeasureId {
  readonly id: string;
  readonly version: number;
  readonly evidenceVersion: number;
}

/** As `subnets_get` tells it. */
interface DeclaringSubnet {
  readonly mechanisms: readonly {
    readonly measure: {
      readonly current: MeasureId;
      readonly fromEpoch: number;
      readonly previous: MeasureId | null;
    } | null;
  }[];
}

/**
 * Whether a bundle was made by the program that the owner of the subnet declared for its epoch. Without that rule a
 * bundle could name a program that nobody has, and so could not be refuted.
 */
export async function checkDeclared(
  ledger: LedgerReader,
  { netuid, mechanism }: { readonly netuid: number; readonly mechanism: number },
  bundle: EvidenceBundle,
): Promise<AuditFinding[]> {
  const subnet = await ledger.query<DeclaringSubnet | null>('subnets_get', { netuid });
  const measure = subnet?.mechanisms[mechanism]?.measure ?? null;
  if (measure === null) return [];
  const declared = bundle.epoch >= BigInt(measure.fromEpoch) ? measure.current : measure.previous;
  if (declared === null) return [];
  const isDeclared =
    declared.id === bundle.mechanism &&
    declared.version === bundle.mechanismVersion &&
    declared.evidenceVersion === bundle.version;
  if (isDeclared) return [];
  return [
    {
      code: 'MECHANISM_UNDECLARED',
      message: `The subnet declares ${declared.id} version ${declared.version} with evidence of version ${declared.evidenceVersion} for epoch ${bundle.epoch}; the bundle names another.`,
    },
  ];
}
