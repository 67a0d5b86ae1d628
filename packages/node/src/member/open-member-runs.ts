import { engineOf } from '../training/run/engine-choice.ts';
import { LIBRARY, openFolderPlace } from '../training/run/folder-place.ts';
import type { RunPlace } from '../training/run/run-place.ts';
import type { MemberPlace } from './member-place.ts';

/** What a role that joined a network has for training runs. Besides trainers it asks the libraries of the nodes it joined. */
export function openMemberRuns({
  parts,
  folder,
  peers,
  nodes,
  settings,
}: Pick<MemberPlace, 'parts' | 'folder' | 'peers' | 'nodes' | 'settings'>): RunPlace {
  const donors = () => nodes.map((node) => `${LIBRARY}@${node}`);
  return openFolderPlace(parts, folder, peers, donors, engineOf(settings));
}
