import { fileURLToPath } from 'node:url';
import { type Child, startChild } from '@cairn/node';
import type { Cli } from '../cli.ts';
import { CliError } from '../errors.ts';
import { pause } from '../pause.ts';
import type { LocalnetNode } from './open-localnet.ts';

/** A node that answers. */
export interface NodeProcess extends LocalnetNode {
  readonly url: string;
  readonly pid: number;
}

export interface RunNodesEvents {
  /** Once, when all answer. */
  readonly onReady: (nodes: readonly NodeProcess[]) => void;
  /** Now and then: the height of each. */
  readonly onHeights: (heights: readonly number[]) => void;
  readonly onEnded: (name: string, said: string) => void;
}

/** Ends of one node within a minute after which it is given up. */
const MAX_ENDS = 10;
const RESTART_MS = 250;
const TELL_MS = 10_000;

/** Longer than a node gives its CometBFT. */
const GRACE_SECONDS = 20;

/**
 * Runs each node as a process of its own until the person has seen enough. One that ends is started again; all end
 * with this process, however it ends.
 *
 * @throws CliError `NODE_ENDED` when one does not stay up
 */
export async function runNodes(
  cli: Cli,
  nodes: readonly LocalnetNode[],
  cometbft: string,
  events: RunNodesEvents,
): Promise<void> {
  const running = new Map<string, NodeProcess>();
  const heights = new Map<string, number>();
  let isReady = false;
  const stop = new AbortController();
  const end = AbortSignal.any([cli.signal, stop.signal]);

  function hear(node: LocalnetNode, line: string): void {
    const said = parseLine(line);
    if (said === null) return;
    if (said.height !== undefined) heights.set(node.name, said.height);
    if (said.ready !== true) return;
    running.set(node.name, { ...node, url: said.url ?? '', pid: said.pid ?? 0 });
    if (isReady || running.size < nodes.length) return;
    isReady = true;
    events.onReady(nodes.map(({ name }) => running.get(name)!));
  }

  async function keep(node: LocalnetNode): Promise<void> {
    let ends: number[] = [];
    while (!end.aborted) {
      const child = start(cli, node, cometbft, (line) => hear(node, line));
      const onEnd = () => void child.stop();
      end.addEventListener('abort', onEnd, { once: true });
      const { said } = await child.ended;
      end.removeEventListener('abort', onEnd);
      if (end.aborted) return;
      ends = [...ends.filter((atMs) => atMs > cli.nowMs() - 60_000), cli.nowMs()];
      const last = said.findLast((line) => !line.startsWith('{')) ?? '';
      if (ends.length > MAX_ENDS || (!isReady && ends.length > 2)) throw nodeEnded(node, last);
      events.onEnded(node.name, last);
      await pause(RESTART_MS, end);
    }
  }

  async function tell(): Promise<void> {
    while (!end.aborted) {
      await pause(TELL_MS, end);
      if (isReady && !end.aborted) events.onHeights(nodes.map(({ name }) => heights.get(name) ?? 0));
    }
  }

  const kept = [...nodes.map(keep), tell()];
  try {
    await Promise.all(kept);
  } finally {
    stop.abort();
    await Promise.allSettled(kept);
  }
}

function start(
  { environment }: Cli,
  node: LocalnetNode,
  cometbft: string,
  onLine: (line: string) => void,
): Child {
  const main = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url),
  );
  const command = ['node', 'start', '--data', node.data, '--cometbft', cometbft, '--json'];
  return startChild(process.execPath, [...process.execArgv, main, ...command], {
    graceSeconds: GRACE_SECONDS,
    // Nodes of Cairn read its settings.
    environment,
    onLine,
  });
}

interface Said {
  readonly ready?: true;
  readonly url?: string;
  readonly pid?: number;
  readonly height?: number;
}

/** Null when it is no line of JSON, such as one of the log. */
function parseLine(line: string): Said | null {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Said;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function nodeEnded({ name }: LocalnetNode, said: string): CliError {
  return new CliError(
    { code: 'NODE_ENDED', name, said },
    `${name} does not stay up. It said: ${said === '' ? 'nothing' : said}`,
  );
}
