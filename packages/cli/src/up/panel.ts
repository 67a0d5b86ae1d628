import type { PanelAnswer, PanelData, PanelMiner, PanelValidator } from '@cairn/node';
import { formatCairn, formatCount, formatPercent } from '../terminal/format.ts';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';
import { cutToWidth } from '../terminal/width.ts';

const SHOWN_ANSWERS = 5;

/** The panel as lines no wider than `columns`. */
export function renderPanel(data: PanelData, columns: number): string[] {
  return [
    headline(data),
    '',
    ...minerTable(data.miners, columns),
    '',
    ...validatorTable(data.validators, columns),
    '',
    ...answerTable(data.answers.slice(0, SHOWN_ANSWERS), columns),
  ].map((line) => cutToWidth(line, columns));
}

function headline({ height, slot, epoch, epochInSlots, supply }: PanelData): string {
  return [
    `block ${formatCount(height)}`,
    `slot ${formatCount(slot)}`,
    `epoch ${formatCount(epoch)}, next pay in ${formatCount(epochInSlots)} slots`,
    `${formatCairn(supply, 0)} CAIRN issued`,
  ].join(' · ');
}

const right = { align: 'right' } as const;

function minerTable(miners: readonly PanelMiner[], columns: number): string[] {
  return renderTable(
    [
      { header: 'MINER' },
      { header: 'RUNS', cut: true },
      { header: 'INCENTIVE', ...right },
      { header: 'EARNED TOKENS', ...right },
      { header: 'CAIRN', ...right },
      { header: 'ANSWERS', ...right },
    ],
    miners.map(({ name, note, uid, incentive, earned, tokens, answers }) => [
      printable(name),
      printable(note),
      uid === null ? '' : formatPercent(incentive),
      formatCairn(tokens),
      formatCairn(earned),
      formatCount(answers),
    ]),
    columns,
  );
}

function validatorTable(validators: readonly PanelValidator[], columns: number): string[] {
  return renderTable(
    [
      { header: 'VALIDATOR' },
      { header: 'STAKE', ...right },
      { header: 'DIVIDENDS', ...right },
      { header: 'EARNED TOKENS', ...right },
      { header: 'CAIRN', ...right },
    ],
    validators.map(({ name, stake, dividends, earned, tokens }) => [
      printable(name),
      formatCairn(stake, 2),
      formatPercent(dividends),
      formatCairn(tokens),
      formatCairn(earned),
    ]),
    columns,
  );
}

function answerTable(answers: readonly PanelAnswer[], columns: number): string[] {
  if (answers.length === 0) return ['No answers yet: ask it something.'];
  return renderTable(
    [
      { header: 'LAST ANSWERS', cut: true },
      { header: 'FROM', cut: true },
      { header: 'TOKENS', ...right },
      { header: 'COST CAIRN', ...right },
      { header: 'RECEIPT', cut: true },
    ],
    answers.map(({ model, provider, tokens, cost, receipt }) => [
      printable(model),
      printable(provider),
      formatCount(tokens),
      formatCairn(cost, 6),
      printable(receipt),
    ]),
    columns,
  );
}

/** One line for where there is no terminal: how far the network is and who is paid. */
export function renderPanelLine({ height, epoch, miners, answers }: PanelData): string {
  const shares = miners.map(({ name, incentive }) => `${printable(name)} ${formatPercent(incentive)}`);
  return `block ${formatCount(height)}  epoch ${formatCount(epoch)}  ${shares.join('  ')}  ${answers.length} recent answers`;
}
