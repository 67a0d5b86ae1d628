import type { ModelCard } from '@cairn/ledger';
import type { EngineCapabilities } from '@cairn/protocol';

/** What an engine can do, as offers name it. */
export function offeredCapabilities(capabilities: EngineCapabilities): string[] {
  const shown = (['tokenIds', 'logprobs', 'seed', 'prefill', 'tools', 'json'] as const).filter(
    (name) => capabilities[name] === true,
  );
  return [...shown, ...(capabilities.tasks ?? [])];
}

/** The kind of a card for what an engine can do: an engine that writes text is for chat, whatever else it does. */
export function kindOf({ tasks = [], mute }: EngineCapabilities): ModelCard['kind'] {
  if (mute !== true) return 'chat';
  if (tasks.includes('embed')) return 'embed';
  if (tasks.includes('rank')) return 'rank';
  if (tasks.includes('image')) return 'image';
  return tasks.includes('moderate') ? 'rank' : 'audio';
}
