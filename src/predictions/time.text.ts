/** Milliseconds since 1970 as ISO 8601, UTC; as a number where they are beyond what a calendar names. */
export function timeText(ms: number): string {
  const date = new Date(Math.round(ms));
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
