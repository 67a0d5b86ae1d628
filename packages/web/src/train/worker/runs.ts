import { bytesToHex } from '@cairn/core';
import { decodeRunManifest, findManifestFault, type RunReader, type RunView } from '@cairn/protocol';
import { countParameters, forecastTrainer, modelTensors } from '@cairn/training';
import type { RunOffer } from '../messages.ts';
import { offerEngines } from './engine-offers.ts';
import { findShortage } from './enough-memory.ts';
import type { Graphics } from './graphics.ts';
import type { NodeClient } from './node-client.ts';

export interface OfferParts {
  readonly reader: RunReader;
  readonly node: Pick<NodeClient, 'blob'>;
  readonly graphics: Graphics;
  /** Memory of the device in GiB, where the browser tells it. */
  readonly deviceMemory: number | undefined;
}

/** The runs that are open, as a person chooses among them. */
export async function listOffers(parts: OfferParts): Promise<RunOffer[]> {
  const open = (await parts.reader.runs()).filter(({ phase }) => phase !== 'ended');
  return Promise.all(open.map((run) => describe(run, parts)));
}

async function describe(
  run: RunView,
  { reader, node, graphics, deviceMemory }: OfferParts,
): Promise<RunOffer> {
  const bytes = await node.blob(bytesToHex(run.manifest));
  const decoded = bytes === null ? null : decodeRunManifest(bytes);
  const fault = decoded === null ? null : findManifestFault(decoded);
  const manifest = fault === null ? decoded : null;
  const view = await reader.round(run.id);
  const forecast = manifest === null ? null : forecastTrainer(manifest);
  const isExact = run.terms.engine === 'exact';
  return {
    id: bytesToHex(run.id),
    name: run.name,
    description: manifest?.description ?? '',
    parameters: manifest === null ? 0 : countParameters(modelTensors(manifest.model)),
    tokensPerStep: manifest === null ? 0 : manifest.batch.rows * manifest.batch.length,
    licences: [...new Set(manifest?.data.map(({ licence }) => licence) ?? [])],
    trainers: view?.roster.length ?? 0,
    round: run.round,
    rounds: run.terms.rounds,
    rewardPerRound: run.terms.rewardPerRound.toString(),
    bond: run.terms.bond.toString(),
    refusal: refusalOf(run, bytes !== null, fault),
    engines: offerEngines({ isExact, largestBytes: forecast?.largest ?? 0 }, graphics),
    shortage: forecast === null ? null : findShortage(forecast, deviceMemory),
  };
}

function refusalOf({ isEnding }: RunView, hasManifest: boolean, fault: string | null): string | null {
  if (!hasManifest) return 'This node does not have the manifest of the run.';
  if (fault !== null) return `The manifest of the run has a fault: ${fault}.`;
  if (isEnding) return 'The run is ending.';
  return null;
}
