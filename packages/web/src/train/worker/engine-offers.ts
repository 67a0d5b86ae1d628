import type { EngineName, EngineOffer, EngineUse } from '../messages.ts';
import { formatBytes } from '../plain-numbers.ts';
import type { Graphics } from './graphics.ts';

/** What of a run decides what computes it. */
export interface ComputedRun {
  readonly isExact: boolean;
  /** Its largest tensor, in bytes. */
  readonly largestBytes: number;
}

/** Both engines as they are here, the one that is better for the run first, each with why it cannot be used. */
export function offerEngines(run: ComputedRun, graphics: Graphics): readonly EngineOffer[] {
  const wasm: EngineOffer = { name: 'wasm', what: 'wasm on one processor core', refusal: null };
  const webgpu: EngineOffer = {
    name: 'webgpu',
    what: describeGraphics(graphics),
    refusal: refusalOf(run, graphics),
  };
  const isFaster = webgpu.refusal === null && graphics.kind === 'adapter' && !graphics.isSoftware;
  return isFaster ? [webgpu, wasm] : [wasm, webgpu];
}

/**
 * What is used, and why the other is not.
 *
 * @param wish what the person chose; null: what is better
 */
export function useEngine(offers: readonly EngineOffer[], wish: EngineName | null): EngineUse {
  const open = offers.filter(({ refusal }) => refusal === null);
  const used = open.find(({ name }) => name === wish) ?? open[0]!;
  const other = offers.find(({ name }) => name !== used.name)!;
  const isBetter = used === offers[0];
  const reason = other.refusal ?? (isBetter ? otherIsSlower(other.name) : 'it was not chosen');
  return { name: used.name, what: used.what, other: other.name, whyNotOther: reason };
}

/** The engine that was used before, while there is no other reason than then. */
export function useAgain(offers: readonly EngineOffer[], known: EngineUse | null): EngineUse {
  const use = useEngine(offers, known?.name ?? null);
  const isOtherOpen = offers.every(({ refusal }) => refusal === null);
  return known?.name === use.name && isOtherOpen ? { ...use, whyNotOther: known.whyNotOther } : use;
}

/** wasm in place of WebGPU, which was tried. */
export function insteadOfWebgpu(offers: readonly EngineOffer[], reason: string): EngineUse {
  return { ...useEngine(offers, 'wasm'), whyNotOther: reason };
}

function describeGraphics(graphics: Graphics): string {
  if (graphics.kind === 'none') return 'WebGPU';
  const name = graphics.name === '' ? '' : ` (${graphics.name})`;
  return graphics.isSoftware
    ? `WebGPU in software${name}, which is slower than wasm`
    : `WebGPU on the graphics processor${name}`;
}

function refusalOf({ isExact, largestBytes }: ComputedRun, graphics: Graphics): string | null {
  if (isExact)
    return 'every step of this run is checked to the bit, and each graphics processor rounds in its own way';
  if (graphics.kind === 'none') return graphics.reason;
  if (largestBytes > graphics.maxBytes)
    return `the largest tensor of this model has ${formatBytes(largestBytes)}, and the graphics processor takes ${formatBytes(graphics.maxBytes)} in one piece`;
  return null;
}

const otherIsSlower = (name: EngineName): string =>
  name === 'wasm'
    ? 'it has one processor core, and is slower where there is a graphics processor'
    : 'here it is the processor that plays a graphics processor, and slower';
