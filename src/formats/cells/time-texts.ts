/** Times and durations as ISO 8601 texts. */

const DAY_MS = 86_400_000;

/** Milliseconds since 1970 as ISO 8601, UTC; as a number where they are beyond what a calendar names. */
export function timeText(ms: number): string {
  const date = new Date(Math.round(ms));
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

/** The nearest day. */
export function dateText(ms: number): string {
  return timeText(Math.round(ms / DAY_MS) * DAY_MS).replace(/T.*$/, '');
}

/** Behind midnight the clock begins again. */
export function clockText(seconds: number): string {
  const ms = Math.round(seconds * 1_000) % DAY_MS;
  const text = new Date(ms < 0 ? ms + DAY_MS : ms).toISOString().slice(11, 23);
  return text.replace(/[.]000$/, '');
}

/** ISO 8601 in hours, minutes and seconds, as a day is not always of 24 hours. */
export function durationText(seconds: number): string {
  const ms = Math.round(Math.abs(seconds) * 1_000);
  if (!Number.isSafeInteger(ms)) return String(seconds);
  const [hours, minutes, rest] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, (ms % 60_000) / 1_000];
  const parts = [hours && `${hours}H`, minutes && `${minutes}M`, (rest || ms === 0) && `${rest}S`];
  return `${seconds < 0 && ms > 0 ? '-' : ''}PT${parts.filter(Boolean).join('')}`;
}

/** The same, with all digits that formats read. */
export function durationSql(column: string): string {
  const hours = `CAST(floor(abs(${column}) / 3600) AS BIGINT)`;
  const minutes = `CAST(floor((abs(${column}) - ${hours} * 3600) / 60) AS BIGINT)`;
  const rest = `(abs(${column}) - ${hours} * 3600 - ${minutes} * 60)`;
  const seconds = `rtrim(rtrim(printf('%.9f', ${rest}), '0'), '.')`;
  return `(CASE WHEN ${column} < 0 THEN '-PT' ELSE 'PT' END || ${hours} || 'H' || ${minutes} || 'M' || ${seconds} || 'S')`;
}
