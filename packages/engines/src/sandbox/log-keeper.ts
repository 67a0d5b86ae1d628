const MAX_LOG_CHARACTERS = 16 * 1024;
const MAX_MESSAGE_CHARACTERS = 1000;

/** Keeps the first 16 KiB of what code prints. */
export function createLogKeeper() {
  let text = '';

  function addText(more: string): void {
    const room = MAX_LOG_CHARACTERS - text.length;
    if (room > 0) text += more.slice(0, room);
  }

  return {
    add: (line: string): void => addText(`${line}\n`),
    addText,
    text: () => text.toWellFormed(),
  };
}

/** A message of a stranger, cut and without control characters. */
export function cutMessage(message: string): string {
  return message
    .slice(0, MAX_MESSAGE_CHARACTERS)
    .replace(/\p{Cc}+/gu, ' ')
    .toWellFormed();
}
