import type { PanelData } from '@cairn/node';
import type { Cli } from '../cli.ts';
import { pause } from '../pause.ts';
import type { Output } from '../terminal/output.ts';
import { toJson } from '../terminal/output.ts';
import { printable } from '../terminal/printable.ts';
import { createLivePanel } from './live-panel.ts';
import { renderPanel, renderPanelLine } from './panel.ts';
import type { RunningNetwork } from './start-network.ts';

const REDRAW_MS = 1000;

/** The request to try, ready to paste. */
function exampleRequest(url: string): string {
  const body = '{"model":"cairn/crontab","messages":[{"role":"user","content":"every weekday at 9:30 am"}]}';
  return `curl ${url}/v1/chat/completions -H 'content-type: application/json' -d '${body}'`;
}

/** Shows what a running network does, until the person has seen enough. */
export async function watchNetwork(cli: Cli, output: Output, network: RunningNetwork): Promise<void> {
  const { out } = cli.terminal;
  if (output.isJson) {
    out.write(`${toJson({ ready: true, url: network.url, addresses: network.addresses })}\n`);
    await onEachChange(cli, network, (panel) => out.write(`${toJson({ panel })}\n`));
    return;
  }
  out.write(`\nThe network answers at ${network.url}. Try it in another terminal:\n\n`);
  out.write(`  ${exampleRequest(network.url)}\n\n`);
  const [address] = network.addresses;
  if (address !== undefined)
    out.write(`Others join with ./cairn node start --role miner --peer ${printable(address)}\n\n`);
  out.write('Ctrl-C ends it. Its keys and its chain stay for the next time.\n\n');
  if (!out.isLive) {
    await onEachChange(cli, network, (panel) => out.write(`${renderPanelLine(panel)}\n`));
    return;
  }
  const live = createLivePanel(out);
  try {
    await onEachSecond(cli, network, (panel) => live.draw(renderPanel(panel, out.columns - 1)));
  } finally {
    live.end();
  }
}

type Show = (panel: PanelData) => void;

async function onEachSecond(cli: Cli, network: RunningNetwork, show: Show): Promise<void> {
  while (!cli.signal.aborted) {
    show(await network.panel());
    await pause(REDRAW_MS, cli.signal);
  }
}

/** Only when somebody was paid or answered: a line each second would bury them. */
async function onEachChange(cli: Cli, network: RunningNetwork, show: Show): Promise<void> {
  let shown = '';
  await onEachSecond(cli, network, (panel) => {
    const state = `${panel.epoch} ${panel.answers[0]?.receipt ?? ''}`;
    if (state === shown) return;
    shown = state;
    show(panel);
  });
}
