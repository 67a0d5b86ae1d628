import { cliPage } from './cli-page.ts';
import {
  flowsPage,
  hyperparametersPage,
  messagesPage,
  parametersPage,
  purposesPage,
} from './ledger-pages.ts';
import { openRpcJson, rpcPage, settingsPage } from './node-pages.ts';
import { errorsPage, eventsPage } from './source-pages.ts';

/** Every generated page: its path from the root of the checkout, and what makes its text. */
export const REFERENCE_PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/parameters.md': parametersPage,
  'docs/reference/hyperparameters.md': hyperparametersPage,
  'docs/reference/flows.md': flowsPage,
  'docs/reference/messages.md': messagesPage,
  'docs/reference/purposes.md': purposesPage,
  'docs/reference/events.md': eventsPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/rpc.md': rpcPage,
  'docs/reference/openrpc.json': openRpcJson,
  'docs/reference/settings.md': settingsPage,
  'docs/reference/cli.md': cliPage,
};

/** The text of a page, ending in one newline. */
export function renderPage(path: string): string {
  return `${REFERENCE_PAGES[path]!().trimEnd()}\n`;
}
