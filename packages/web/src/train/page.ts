/** The page's own script: it shows what its worker does, and tells it what the person wants. */
import './buffer-in-browsers.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { showFailure, showRuns } from './run-card.ts';
import { showWork } from './work-view.ts';

const script = document.querySelector<HTMLMetaElement>('meta[name=cairn-worker]')?.content ?? '';
const worker = new Worker(script, { type: 'module' });
const tell = (message: ToWorker) => worker.postMessage(message);

worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
  if (data.type === 'runs') showRuns(data.runs, data.joined, (wanted) => tell({ type: 'join', ...wanted }));
  else if (data.type === 'work') showWork(data.work);
  else showFailure(data.reason);
});
worker.addEventListener('error', ({ message }) =>
  showFailure(`The worker of this page stopped: ${message}. Load the page again.`),
);
document.addEventListener('visibilitychange', () => tell({ type: 'hidden', isHidden: document.hidden }));
document.getElementById('stop')?.addEventListener('click', () => tell({ type: 'stop' }));
tell({ type: 'hidden', isHidden: document.hidden });
tell({ type: 'list' });
