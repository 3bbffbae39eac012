/** The names closest to what was written, best first, for hints such as `Did you mean "age"?`. At most `count`. */
export function nearestNames(written: string, names: Iterable<string>, count = 3): string[] {
  const wanted = written.trim().toLowerCase();
  // Two letters swapped are two edits, so all but the shortest words get two.
  const reach = wanted.length < 3 ? 1 : Math.max(2, Math.ceil(wanted.length / 3));
  return [...names]
    .map((name) => ({ name, distance: editDistance(wanted, name.trim().toLowerCase()) }))
    .filter(({ name, distance }) => distance <= reach || name.toLowerCase().startsWith(wanted))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ name }) => name);
}

/** `Did you mean "a" or "b"?`, or what else may be written when nothing is close. */
export function didYouMean(written: string, names: readonly string[]): string {
  const near = nearestNames(written, names);
  if (near.length > 0) return `Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?`;
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  return shown.length === 0 ? 'None is known.' : `Known: ${shown.join(', ')}${names.length > 20 ? ', …' : ''}.`;
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
