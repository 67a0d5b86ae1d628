import type { ModelCard } from '@cairn/ledger';
import type { EngineCapabilities } from '@cairn/protocol';

/** What stands before the engine's name in an offer. */
const RUNS = 'runs ';

/** The engine that an offer says it runs, by which limits its answers are checked; null: it does not say. */
export const engineOf = ({ capabilities }: { readonly capabilities: readonly string[] }): string | null =>
  capabilities.find((name) => name.startsWith(RUNS))?.slice(RUNS.length) ?? null;

/** What an engine can do, as offers name it. */
export function offeredCapabilities(capabilities: EngineCapabilities): string[] {
  const shown = (['tokenIds', 'logprobs', 'seed', 'prefill', 'tools', 'json'] as const).filter(
    (name) => capabilities[name] === true,
  );
  const runs = capabilities.engine === undefined ? [] : [`${RUNS}${capabilities.engine}`];
  return [...shown, ...(capabilities.tasks ?? []), ...runs];
}

/** The kind of a card for what an engine can do: an engine that writes text is for chat, whatever else it does. */
export function kindOf({ tasks = [], mute }: EngineCapabilities): ModelCard['kind'] {
  if (mute !== true) return 'chat';
  if (tasks.includes('embed')) return 'embed';
  if (tasks.includes('rank')) return 'rank';
  if (tasks.includes('image')) return 'image';
  return tasks.includes('moderate') ? 'rank' : 'audio';
}
