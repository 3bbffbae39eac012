import type { GeneratedTable } from '../case-definition';

/** The table as CSV (RFC 4180) in UTF-8. */
export function toCsv({ columns, rows }: GeneratedTable): Buffer {
  return Buffer.from([columns, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join(''));
}

function cell(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
