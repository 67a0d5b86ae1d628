import { bytesToHex } from '@cairn/core';
import { decodeRunManifest, type RunReader, type RunView } from '@cairn/protocol';
import { countParameters, modelTensors } from '@cairn/training';
import type { RunOffer } from '../messages.ts';
import type { NodeClient } from './node-client.ts';

/** The runs that are open, as a person chooses among them. */
export async function listOffers(reader: RunReader, node: Pick<NodeClient, 'blob'>): Promise<RunOffer[]> {
  const open = (await reader.runs()).filter(({ phase }) => phase !== 'ended');
  return Promise.all(open.map((run) => describe(run, reader, node)));
}

async function describe(run: RunView, reader: RunReader, node: Pick<NodeClient, 'blob'>): Promise<RunOffer> {
  const bytes = await node.blob(bytesToHex(run.manifest));
  const manifest = bytes === null ? null : decodeRunManifest(bytes);
  const view = await reader.round(run.id);
  return {
    id: bytesToHex(run.id),
    name: run.name,
    description: manifest?.description ?? '',
    parameters: manifest === null ? 0 : countParameters(modelTensors(manifest.model)),
    licences: [...new Set(manifest?.data.map(({ licence }) => licence) ?? [])],
    trainers: view?.roster.length ?? 0,
    round: run.round,
    rounds: run.terms.rounds,
    rewardPerRound: run.terms.rewardPerRound.toString(),
    bond: run.terms.bond.toString(),
    refusal: refusalOf(run, manifest !== null),
  };
}

function refusalOf({ terms, isEnding }: RunView, hasManifest: boolean): string | null {
  if (!hasManifest) return 'This node does not have the manifest of the run.';
  if (isEnding) return 'The run is ending.';
  if (terms.engine !== 'exact') return 'A browser computes exact runs only. Join with ./cairn train join.';
  return null;
}
