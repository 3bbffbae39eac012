import { shown, shownList } from './text';

/** A longer word is no slip of the pen, and its distance to every name would take too long. */
const WORD_LENGTH_MAX = 100;
/** Letters compared in one search, about a millisecond; names beyond it are not looked at. */
const COMPARISONS_MAX = 300_000;

/** The names closest to what was written, best first, for hints such as `Did you mean "age"?`. At most `count`. */
export function nearestNames(written: string, names: Iterable<string>, count = 3): string[] {
  if (written.length > WORD_LENGTH_MAX) return [];
  const wanted = written.trim().toLowerCase();
  // Two letters swapped are two edits, so all but the shortest words get two.
  const reach = wanted.length < 3 ? 1 : Math.max(2, Math.ceil(wanted.length / 3));
  return [...distances(wanted, names, reach)]
    .filter(({ name, distance }) => distance <= reach || name.toLowerCase().startsWith(wanted))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ name }) => name);
}

/** `Did you mean "a" or "b"?`, or what else may be written when nothing is close. */
export function didYouMean(written: string, names: readonly string[]): string {
  const near = nearestNames(written, names);
  if (near.length > 0) return `Did you mean ${near.map(shown).join(' or ')}?`;
  if (names.length === 0) return 'None is known.';
  return `Known: ${shownList(names)}.`;
}

/** How far each name is; Infinity for one whose length alone puts it out of reach. */
function* distances(wanted: string, names: Iterable<string>, reach: number) {
  let left = COMPARISONS_MAX;
  for (const name of names) {
    const other = name.trim().toLowerCase();
    const isInReach = Math.abs(other.length - wanted.length) <= reach;
    left -= isInReach ? wanted.length * other.length : 10;
    if (left < 0) return;
    yield { name, distance: isInReach ? editDistance(wanted, other) : Infinity };
  }
}

/** Levenshtein distance with one row of memory. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1]));
    }
    row = next;
  }
  return row[b.length];
}
