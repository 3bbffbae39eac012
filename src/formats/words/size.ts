const MEBIBYTE = 2 ** 20;

/** Bytes for people: `0.092 MiB`, `7.3 MiB`, `12 MiB`, `10,000 MiB`. */
export function mebibytes(bytes: number): string {
  const size = bytes / MEBIBYTE;
  const rounded = size < 10 ? Number(size.toPrecision(2)) : Math.ceil(size);
  return `${rounded.toLocaleString('en')} MiB`;
}
