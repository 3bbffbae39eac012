/** What a client reads when there is no space for what it asked for. */
export const STORAGE_FULL =
  'The storage is full. Nothing of this was kept; it can be done once the operator has freed space.';

/** Of the operating system (files), and of PostgreSQL (SQLSTATE disk_full). */
const CODES = new Set(['ENOSPC', 'EDQUOT', '53100']);
/** Names that object stores give to it. */
const NAMES = /^(XMinioStorageFull|InsufficientStorage|QuotaExceeded|NoSpaceLeft)/;
/** As text, where the error crossed a thread or a library that keeps the message only (DuckDB). */
const TEXTS = /\bENOSPC\b|\bEDQUOT\b|No space left on device|Disk quota exceeded/i;
const INSUFFICIENT_STORAGE = 507;
const CAUSES_MAX = 8;

interface Fault {
  code?: unknown;
  name?: unknown;
  message?: unknown;
  cause?: unknown;
  driverError?: unknown;
  $metadata?: { httpStatusCode?: number };
}

/** Did it fail for lack of space, in files, DuckDB, PostgreSQL or the object store? Looks through wrapped errors. */
export function isStorageFull(error: unknown): boolean {
  return causesOf(error).some(
    ({ code, name, message, $metadata }) =>
      CODES.has(String(code)) ||
      NAMES.test(String(name)) ||
      $metadata?.httpStatusCode === INSUFFICIENT_STORAGE ||
      TEXTS.test(String(message)),
  );
}

/** The error and what it was made of, the outermost first. */
export function causesOf(error: unknown): Fault[] {
  const causes: Fault[] = [];
  for (let at = error; at && typeof at === 'object' && causes.length < CAUSES_MAX;) {
    const fault = at as Fault;
    causes.push(fault);
    at = fault.driverError ?? fault.cause;
  }
  return causes;
}
