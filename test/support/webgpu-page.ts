/** The WebGPU engine as a web page has it: computes gradients that PyTorch recorded, and tells how far they are. */
import '../../packages/node/test/light/buffer-in-browsers.ts';
import { adapterTensors, createOrtEngine, modelTensors } from '@cairn/training';
import { relativeDifference, someBatch, someTensors } from '../../packages/training/test/support/models.ts';
import {
  BATCH_SEED,
  PARAMETER_SEED,
  type TorchVector,
} from '../../packages/training/test/support/torch-cases.ts';
import { ort } from '../../packages/training/test/support/webgpu-in-browsers.ts';

/** What came of one case: how far loss and worst gradient are from PyTorch's. */
export type OnWebgpu =
  | { readonly hasAdapter: false }
  | { readonly hasAdapter: true; readonly cases: readonly WebgpuCase[] };

export interface WebgpuCase {
  readonly name: string;
  readonly loss: number;
  /** The tensor that is furthest, and its relative difference. */
  readonly worst: readonly [name: string, difference: number];
  readonly failed?: string;
}

const { location, navigator: agent } = globalThis as unknown as {
  readonly location: { readonly href: string };
  readonly navigator: { readonly gpu?: { requestAdapter(): Promise<unknown> } };
};
const parameters = new URL(location.href).searchParams;

async function compute(vector: TorchVector): Promise<WebgpuCase> {
  try {
    await using engine = await createOrtEngine({ ort }, { ...vector, provider: 'webgpu' });
    const { model, adapter } = vector;
    const tensors = [...modelTensors(model), ...(adapter ? adapterTensors(model, adapter) : [])];
    const batch = someBatch({ ...vector, vocab: model.vocab }, { seed: BATCH_SEED, weighted: true });
    const { loss, gradients } = await engine.step(someTensors(tensors, PARAMETER_SEED), batch);
    let worst: readonly [string, number] = ['', 0];
    for (const [name, values] of gradients) {
      const bytes = Uint8Array.from(atob(vector.gradients[name]!), (letter) => letter.charCodeAt(0));
      const difference = relativeDifference(values, new Float32Array(bytes.buffer));
      if (!(difference <= worst[1])) worst = [name, difference];
    }
    return { name: vector.name, loss: Math.abs(loss - vector.loss), worst };
  } catch (error) {
    return { name: vector.name, loss: Number.NaN, worst: ['', Number.NaN], failed: String(error) };
  }
}

async function work(): Promise<OnWebgpu> {
  if (!(await agent.gpu?.requestAdapter())) return { hasAdapter: false };
  ort.env.wasm.numThreads = 1;
  const answer = await fetch(parameters.get('wasm')!);
  ort.env.wasm.wasmBinary = new Uint8Array(await answer.arrayBuffer());
  const vectors = (await (await fetch('/given')).json()) as readonly TorchVector[];
  const cases: WebgpuCase[] = [];
  for (const vector of vectors) {
    const made = await compute(vector);
    console.log(JSON.stringify(made));
    cases.push(made);
  }
  return { hasAdapter: true, cases };
}

await fetch(parameters.get('tell')!, { method: 'POST', body: JSON.stringify(await work()) });
