/** Places of the rows of a request within their groups. */

/** By row, from 1 for the highest score; rows of one score share the better place. Null where the group is not told. */
export function ranksOf(groups: readonly unknown[], scoreAt: (row: number) => number): (number | null)[] {
  const rowsOf = new Map<string, number[]>();
  const ranks = groups.map((group, row): number | null => {
    if (group === undefined || group === null) return null;
    const key = JSON.stringify(group);
    const known = rowsOf.get(key);
    if (known) known.push(row);
    else rowsOf.set(key, [row]);
    return 0;
  });
  for (const rows of rowsOf.values()) {
    rows.sort((a, b) => scoreAt(b) - scoreAt(a));
    rows.forEach((row, place) => {
      const before = rows[place - 1];
      ranks[row] = place > 0 && scoreAt(before) === scoreAt(row) ? ranks[before] : place + 1;
    });
  }
  return ranks;
}
