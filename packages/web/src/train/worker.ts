/** The entry of the page's worker. */
import type { FromWorker, ToWorker } from './messages.ts';

const tell = (message: FromWorker) => postMessage(message);
addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'list') tell({ type: 'runs', runs: [], joined: null });
});
