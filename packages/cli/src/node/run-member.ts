import { type MemberOptions, type MemberStep, startMemberNode } from '@cairn/node';
import type { Cli } from '../cli.ts';
import type { Output } from '../terminal/output.ts';
import { toJson } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';

/** Runs a miner, gateway, hub, validator, trainer or compute provider of a network until the person has seen enough. */
export async function runMember(
  cli: Cli,
  output: Output,
  options: Pick<MemberOptions, 'settings' | 'log' | 'role' | 'run' | 'environment'>,
): Promise<void> {
  await using member = await startMemberNode({
    ...options,
    onStep: (step) => output.note(describeStep(step)),
  });
  const { role, url, addresses } = member;
  if (output.isJson) {
    const { kind, address, note } = role;
    cli.terminal.out.write(
      `${toJson({ ready: true, url, pid: process.pid, role: kind, address, note, addresses })}\n`,
    );
  } else cli.terminal.out.write(`${sentence(role.kind, url, role.note)} Ctrl-C ends it.\n`);
  if (!cli.signal.aborted)
    await new Promise<void>((resolve) =>
      cli.signal.addEventListener('abort', () => resolve(), { once: true }),
    );
  output.note('ending …');
}

function sentence(kind: string, url: string, note: string): string {
  if (kind === 'trainer') return `The trainer ${printable(note)}; its node answers at ${printable(url)}.`;
  if (kind === 'checker') return `The validator checks providers; its node answers at ${printable(url)}.`;
  if (kind === 'gateway') return `The OpenAI-compatible endpoint is at ${printable(url)}/v1.`;
  if (kind === 'compute') return `The provider ${printable(note)}; its node answers at ${printable(url)}.`;
  if (kind === 'hub') return `The hub ${printable(note)}; its node answers at ${printable(url)}.`;
  return `The miner serves ${printable(note)}; its node answers at ${printable(url)}.`;
}

function describeStep(step: MemberStep): string {
  switch (step.step) {
    case 'joined':
      return `joined ${printable(step.network)} (${step.chainId.slice(0, 12)}…) as ${printable(step.peer)}`;
    case 'funded':
      return `paid from ${step.address}`;
    case 'serves':
      return `serves ${printable(step.model)}`;
    case 'checks':
      return `checks answers of the file ${step.artifact}`;
    case 'trains':
      return `trains in ${printable(step.name)}, run ${step.run.slice(0, 12)}…`;
  }
}
