import { spawnSync } from 'node:child_process';

/** The Python that CAIRN_PYTHON names, when it has PyTorch. Null otherwise: what needs it is not collected. */
export const pythonWithTorch: string | null = findPython();

function findPython(): string | null {
  const named = process.env.CAIRN_PYTHON;
  if (!named) return null;
  return spawnSync(named, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0 ? named : null;
}
