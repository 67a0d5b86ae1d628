/** Binary heap: `isBefore` decides what comes out first. Push and pop are O(log n). */
export interface Heap<T> {
  readonly size: number;
  push(item: T): void;
  pop(): T | undefined;
}

export function createHeap<T>(isBefore: (a: T, b: T) => boolean, initial: Iterable<T> = []): Heap<T> {
  const items: T[] = [];

  function rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(items[at]!, items[parent]!)) return;
      [items[at], items[parent]] = [items[parent]!, items[at]!];
      at = parent;
    }
  }

  function sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      let first = at;
      if (left < items.length && isBefore(items[left]!, items[first]!)) first = left;
      if (left + 1 < items.length && isBefore(items[left + 1]!, items[first]!)) first = left + 1;
      if (first === at) return;
      [items[at], items[first]] = [items[first]!, items[at]!];
      at = first;
    }
  }

  function push(item: T): void {
    items.push(item);
    rise(items.length - 1);
  }

  for (const item of initial) push(item);
  return {
    get size() {
      return items.length;
    },
    push,
    pop() {
      const top = items[0];
      const last = items.pop();
      if (items.length > 0) {
        items[0] = last!;
        sink();
      }
      return top;
    },
  };
}
