/** Writes test/vectors/torch.json with what PyTorch computes. Run with CAIRN_PYTHON naming a Python that has torch. */
import { writeFile } from 'node:fs/promises';
import { createTorchEngine } from '@cairn/training/node';
import { someBatch, someTensors } from './models.ts';
import { BATCH_SEED, PARAMETER_SEED, TORCH_CASES, type TorchVector } from './torch-cases.ts';

const vectors: TorchVector[] = [];
for (const each of TORCH_CASES) {
  const python = process.env.CAIRN_PYTHON ?? 'python3';
  await using engine = await createTorchEngine({ ...each, python, threads: 1 });
  const batch = someBatch({ ...each, vocab: each.model.vocab }, { seed: BATCH_SEED, weighted: true });
  const { loss, gradients } = await engine.step(someTensors(engine.inputs, PARAMETER_SEED), batch);
  const encoded = [...gradients].map(([name, values]) => {
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    return [name, bytes.toString('base64')] as const;
  });
  const [, torch = ''] = engine.engineClass.split('/');
  vectors.push({ ...each, torch, loss, gradients: Object.fromEntries(encoded) });
}
await writeFile(new URL('../vectors/torch.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
