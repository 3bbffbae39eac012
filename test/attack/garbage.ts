/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const TYPES = [
  'connection_init',
  'subscribe',
  'complete',
  'ping',
  'pong',
  'next',
  'error',
  'nonsense',
  '',
  '__proto__',
];
const VALUES = [
  null,
  0,
  -1,
  '',
  'x'.repeat(5_000),
  [],
  {},
  { query: '{' },
  { query: 1 },
  { query: '{ me { role } }' },
  { __proto__: 1 },
];

/** A message that nearly follows the protocol, or none at all. */
export function garbage(next: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const message = JSON.stringify({ type: pick(TYPES), id: pick(VALUES), payload: pick(VALUES) });
  return next() < 0.3 ? message.slice(0, Math.floor(next() * message.length)) : message;
}
