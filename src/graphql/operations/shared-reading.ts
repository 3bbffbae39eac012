/**
 * Reads once for all who ask while it reads, and tells the same for `rest` times as long as the reading took: strangers may
 * ask as often as they like. A reading that failed is told to those who waited for it alone.
 */
export function shared<T>(read: () => Promise<T>, rest = 0): () => Promise<T> {
  let last: Promise<T> | null = null;
  return () => {
    if (last) return last;
    const sinceMs = performance.now();
    const forget = (): void => void (last = null);
    last = read();
    last.then(() => {
      const restMs = rest * (performance.now() - sinceMs);
      if (restMs === 0) forget();
      else setTimeout(forget, restMs).unref();
    }, forget);
    return last;
  };
}
