/** One event of a stream may not be longer than this, in UTF-16 units. */
const MAX_EVENT_LENGTH = 1 << 20;

/** An event was too long to be one. */
export class SseMalformed extends Error {
  override readonly name = 'SseMalformed';
}

/**
 * The `data` of each server-sent event; comments and other fields are skipped. An event that the end of the
 * stream left unfinished is not given.
 *
 * @throws SseMalformed and whatever `chunks` throws
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export async function* readSseData(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  let dataLength = 0;
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a line end.
    const usable = rest.endsWith('\r') ? rest.length - 1 : rest.length;
    const lines = rest.slice(0, usable).split(/\r\n|\n|\r/u);
    rest = (lines.pop() ?? '') + rest.slice(usable);
    if (rest.length > MAX_EVENT_LENGTH) throw new SseMalformed(`an event longer than ${MAX_EVENT_LENGTH}`);
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
        dataLength = 0;
      } else if (line.startsWith('data:')) {
        data.push(line.slice(line[5] === ' ' ? 6 : 5));
        dataLength += line.length;
        if (dataLength > MAX_EVENT_LENGTH) throw new SseMalformed(`an event longer than ${MAX_EVENT_LENGTH}`);
      }
    }
  }
}
