import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { type CommonFlags, defineCommand, outputOf } from '../command.ts';
import { CommandFailed } from '../command-failed.ts';
import { formatBytes } from '../terminal/format.ts';
import { renderFields } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { cutToWidth } from '../terminal/width.ts';
import type { DoctorReport } from './examine.ts';

/** `cairn doctor` */
export function createDoctorCommand(cli: Cli): Command {
  return defineCommand({
    name: 'doctor',
    help: 'Shows what this machine has, what will run on it and how fast, and what is worth adding.',
    examples: ['doctor', 'doctor --json'],
    data: true,
  }).action(async (flags: CommonFlags) => {
    const { loadConfig } = await import('../settings.ts');
    const { examine } = await import('./examine.ts');
    const { settings } = await loadConfig(cli, flags.data === undefined ? {} : { data: flags.data });
    const { data, threads } = settings;
    const report = await examine({ version: cli.version, root: cli.root, data, threads });
    const output = outputOf(cli, flags);
    output.result(report, () => renderReport(report, threads, output.columns));
    if (!report.node.ok || !report.engine.ok || !report.selfTest.ok) throw new CommandFailed();
  });
}

function renderReport(report: DoctorReport, threads: number, columns: number): string[] {
  const { machine, disk, engine, selfTest } = report;
  const size = (bytes: number | null) => (bytes === null ? 'memory unknown' : formatBytes(bytes));
  const fields: [string, string][] = [
    ['system', `${machine.platform} ${machine.arch}`],
    ['processor', `${machine.cpu.model}, ${machine.cpu.cores} cores`],
    ['features', machine.cpu.features.join(' ') || 'none that llama.cpp asks for'],
    ['memory', `${formatBytes(machine.memory.freeBytes)} free of ${formatBytes(machine.memory.totalBytes)}`],
    [
      'graphics',
      machine.gpus.map(({ name, memoryBytes }) => `${name} (${size(memoryBytes)})`).join(', ') ||
        'none found',
    ],
    ['disk', `${formatBytes(disk.freeBytes)} free of ${formatBytes(disk.totalBytes)} at ${disk.path}`],
    ['Node', `${report.node.version}${report.node.ok ? '' : ' (too old)'}`],
    ['llama.cpp', engine.ok ? `${engine.release}, ${engine.gpu ?? 'processor only'}` : engine.message],
    ['models', `up to about ${formatBytes(report.largestModelBytes)} of GGUF fit the free memory`],
    ['speed', selfTest.ok ? describeSpeed(selfTest, threads) : selfTest.message],
  ];
  const lines = renderFields(fields.map(([name, value]) => [name, printable(value)]));
  const advice =
    report.advice.length === 0 ? ['All is well.'] : report.advice.map((line) => `→ ${printable(line)}`);
  return [...lines.map((line) => cutToWidth(line, columns)), '', ...advice];
}

function describeSpeed(
  { model, quantisation, ms, tokensPerSecond }: Extract<DoctorReport['selfTest'], { ok: true }>,
  threads: number,
): string {
  const count = `${threads} thread${threads === 1 ? '' : 's'}`;
  return `${Math.round(tokensPerSecond)} tokens/s with ${model} ${quantisation} on ${count} (answered in ${Math.round(ms)} ms)`;
}
