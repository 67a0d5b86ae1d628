import type { Metrics } from '@cairn/core';
import type { Stream, Transport } from '@cairn/protocol';

type Direction = 'dialled' | 'served';

/** The same transport, with its streams, frames and bytes counted. */
export function watchTransport(inner: Transport, metrics: Metrics): Transport {
  const open = { dialled: 0, served: 0 };

  function opened(direction: Direction, by: 1 | -1): void {
    open[direction] += by;
    metrics.gauge('cairn_network_open_streams', open[direction], { direction });
  }

  /** Counted once, when it is over: not at each frame. */
  function watch(stream: Stream, direction: Direction) {
    const seen = { inFrames: 0, inBytes: 0, outFrames: 0, outBytes: 0 };
    let isOver = false;
    opened(direction, 1);
    function end(outcome: 'closed' | 'aborted'): void {
      if (isOver) return;
      isOver = true;
      opened(direction, -1);
      metrics.count('cairn_network_streams_total', 1, { direction, outcome });
      metrics.count('cairn_network_frames_total', seen.inFrames, { way: 'in' });
      metrics.count('cairn_network_frames_total', seen.outFrames, { way: 'out' });
      metrics.count('cairn_network_bytes_total', seen.inBytes, { way: 'in' });
      metrics.count('cairn_network_bytes_total', seen.outBytes, { way: 'out' });
    }
    const watched: Stream = {
      remote: stream.remote,
      protocol: stream.protocol,
      async write(frame) {
        seen.outFrames += 1;
        seen.outBytes += frame.length;
        await stream.write(frame);
      },
      async read() {
        try {
          const frame = await stream.read();
          if (frame !== null) {
            seen.inFrames += 1;
            seen.inBytes += frame.length;
          }
          return frame;
        } catch (error) {
          end('aborted');
          throw error;
        }
      },
      async closeWrite() {
        await stream.closeWrite();
        if (direction === 'dialled') end('closed');
      },
      abort(reason) {
        stream.abort(reason);
        end('aborted');
      },
    };
    return { watched, end };
  }

  return {
    peer: inner.peer,
    async dial(peer, protocol, options) {
      try {
        return watch(await inner.dial(peer, protocol, options), 'dialled').watched;
      } catch (error) {
        metrics.count('cairn_network_streams_total', 1, { direction: 'dialled', outcome: 'failed' });
        throw error;
      }
    },
    listen: (protocol, handler) =>
      inner.listen(protocol, async (stream) => {
        const { watched, end } = watch(stream, 'served');
        try {
          await handler(watched);
          end('closed');
        } catch (error) {
          end('aborted');
          throw error;
        }
      }),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}
