/** The page's own script: it shows what its worker does, and tells it what the person wants. */
import './buffer-in-browsers.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { onSend, showMoney } from './money-view.ts';
import { showFailure, showRuns } from './run-card.ts';
import { showWork } from './work-view.ts';

/** How often the ledger is asked what this browser has. */
const MONEY_MS = 10_000;

const script = document.querySelector<HTMLMetaElement>('meta[name=cairn-worker]')?.content ?? '';
const worker = new Worker(script, { type: 'module' });
const tell = (message: ToWorker) => worker.postMessage(message);

worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
  if (data.type === 'runs') showRuns(data.runs, data.joined, (wanted) => tell({ type: 'join', ...wanted }));
  else if (data.type === 'work') showWork(data.work);
  else if (data.type === 'money') showMoney(data);
  else showFailure(data.reason);
});
worker.addEventListener('error', ({ message }) =>
  showFailure(`The worker of this page stopped: ${message}. Load the page again.`),
);
document.addEventListener('visibilitychange', () => tell({ type: 'hidden', isHidden: document.hidden }));
document.getElementById('stop')?.addEventListener('click', () => tell({ type: 'stop' }));
tell({ type: 'hidden', isHidden: document.hidden });
onSend((to) => tell({ type: 'money', to }));
setInterval(() => tell({ type: 'money', to: null }), MONEY_MS);
tell({ type: 'list' });
tell({ type: 'money', to: null });
