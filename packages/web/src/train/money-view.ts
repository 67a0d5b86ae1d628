import { formatAmount } from '@cairn/core';
import { find } from './elements.ts';
import type { FromWorker } from './messages.ts';

/** What this browser can spend, and what became of sending it. */
export function showMoney({ address, spendable, note }: Extract<FromWorker, { type: 'money' }>): void {
  find('money').textContent = `${formatAmount(BigInt(spendable))} CAIRN that it can send, at ${address}.`;
  find('send').hidden = spendable === '0';
  if (note !== '') find('sent').textContent = note;
}

/** Tells the address that a person names. */
export function onSend(send: (to: string) => void): void {
  find<HTMLFormElement>('send').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!confirm('Send everything that this browser has to this address?')) return;
    find('sent').textContent = 'Sending …';
    send(find<HTMLInputElement>('to').value.trim());
  });
}
