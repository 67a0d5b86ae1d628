/** What a tool of a gateway said: a value, or why not. */
export type Told =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly code: string; readonly message: string };

interface Reply {
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly isError?: boolean;
    readonly content: readonly { readonly text: string }[];
    readonly structuredContent?: Readonly<Record<string, unknown>>;
  };
}

/** Calls tools of a gateway by the Model Context Protocol. Any client of it does; this is the least of one. */
export function connectTools(gateway: string) {
  let id = 0;
  return async (name: string, fields: object): Promise<Told> => {
    id += 1;
    const response = await fetch(`${gateway}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id,
        method: 'tools/call',
        params: { name, arguments: fields },
      }),
    });
    const text = await response.text();
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    const data = isStream ? (/^data: (\{.*)$/m.exec(text)?.[1] ?? '{}') : text;
    const { error, result } = JSON.parse(data) as Reply;
    if (error !== undefined || result === undefined)
      throw new Error(`The gateway answered ${response.status}: ${error?.message ?? data.slice(0, 200)}`);
    const said = result.content[0]?.text ?? '';
    if (result.isError !== true) return { ok: true, value: result.structuredContent ?? {} };
    const [code = ''] = said.split(':');
    return { ok: false, code, message: said.slice(code.length + 2) };
  };
}
