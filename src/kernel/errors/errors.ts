import { isNodeKind, isUuid, toGlobalId } from '../ids/ids';
import { shown } from '../../formats/words/text';

/**
 * The closed list of error codes a client can meet. One page each stands in docs/errors.
 * A refusal throws a PraxisError; findings about data (row errors, quality) are data, not errors.
 */
export const ERROR_CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'VALIDATION_FAILED',
  'CONFLICT',
  'QUOTA_EXCEEDED',
  'RATE_LIMITED',
  'QUERY_TOO_COMPLEX',
  'PAYLOAD_TOO_LARGE',
  'UNAVAILABLE',
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One fault in the caller's input: where it is, what is wrong, what to do. */
export interface Issue {
  /** Path into the input, e.g. `rows[3].age` or `steps[1].parameters.epochs`. */
  path: string;
  message: string;
  hint?: string;
}

/** A fault as it is found. A hint that takes a search is given as a function: it is asked of those that are listed. */
export interface Fault extends Omit<Issue, 'hint'> {
  hint?: string | (() => string);
}

/**
 * What a refusal may take, in work and in text, however many faults there are. With these and 3 bytes for a character
 * an error has at most 60 kB; in practice it has one or two.
 */
export const REFUSAL_LIMITS = {
  /** Faults that are described. */
  issuesListed: 20,
  /** Faults that are looked at; beyond it "at least" is said of their number. */
  faultsCounted: 1_000,
  /** Of a message with its hint, and of each text of an issue. */
  characters: 300,
} as const;

export interface PraxisErrorOptions {
  cause?: unknown;
  /** For the log only, never sent to a client. */
  detail?: string;
  /** Sent to the client with VALIDATION_FAILED. */
  issues?: Issue[];
  /** All faults, listed or not. */
  faultCount?: number;
}

/** An error whose message is written for the client. Everything else that is thrown becomes INTERNAL. */
export class PraxisError extends Error {
  readonly code: ErrorCode;
  readonly detail?: string;
  /** The first faults, at most `REFUSAL_LIMITS.issuesListed`. */
  readonly issues: Issue[];
  /** How many faults were found; those beyond `REFUSAL_LIMITS.faultsCounted` were not looked for. */
  readonly faultCount: number;

  constructor(code: ErrorCode, publicMessage: string, options: PraxisErrorOptions = {}) {
    super(publicMessage, { cause: options.cause });
    this.name = 'PraxisError';
    this.code = code;
    this.detail = options.detail;
    this.issues = options.issues ?? [];
    this.faultCount = options.faultCount ?? this.issues.length;
  }

  /** `id`: as it was sent, or the uuid in it. */
  static notFound(kind: string, id: string): PraxisError {
    const sent = isUuid(id) && isNodeKind(kind) ? toGlobalId(kind, id) : id;
    return new PraxisError(
      'NOT_FOUND',
      `No ${kind} with id ${shown(sent)}${kind === 'Tenant' ? '' : ' in this tenant'}.`,
    );
  }

  /** Describes the first faults and counts the others. `found` is left as soon as there is nothing to count any more. */
  static invalid(found: Iterable<Fault>, summary?: string): PraxisError {
    const issues: Issue[] = [];
    let faultCount = 0;
    for (const fault of found) {
      if (issues.length < REFUSAL_LIMITS.issuesListed) issues.push(described(fault));
      if (++faultCount === REFUSAL_LIMITS.faultsCounted) break;
    }
    const [first] = issues;
    const message = summary ?? (first ? `${first.path}: ${first.message}` : 'The input is not valid.');
    return new PraxisError('VALIDATION_FAILED', message, { issues, faultCount });
  }
}

function described({ hint, ...fault }: Fault): Issue {
  if (hint === undefined) return fault;
  return { ...fault, hint: typeof hint === 'function' ? hint() : hint };
}

/**
 * What a client is told of an error, each text within its bound. Whatever goes out goes through here. The message says
 * what to do and how many faults there are as well, as many clients show nothing but the message.
 */
export function told({
  code,
  message,
  issues,
  faultCount,
}: PraxisError): Pick<PraxisError, 'code' | 'message' | 'issues'> {
  const max = REFUSAL_LIMITS.characters;
  const advice = [issues[0]?.hint && ` (${issues[0].hint})`, restOf(faultCount)].filter(Boolean);
  if (advice.length === 0) return { code, message: shorten(message, max), issues: issues.map(bounded) };
  const rest = shorten(advice.join(''), max / 2);
  return { code, message: shorten(message.replace(/\.$/, ''), max - rest.length) + rest, issues: issues.map(bounded) };
}

function restOf(faultCount: number): string {
  if (faultCount < 2) return '';
  const more = faultCount >= REFUSAL_LIMITS.faultsCounted ? `at least ${faultCount - 1}` : faultCount - 1;
  return `; and ${more} more`;
}

function bounded({ path, message, hint }: Issue): Issue {
  const max = REFUSAL_LIMITS.characters;
  const texts = { path: shorten(path, max), message: shorten(message, max) };
  return hint === undefined ? texts : { ...texts, hint: shorten(hint, max) };
}

/** Text of at most `max` characters, without control characters, which JSON writes as six each. */
export function shorten(text: string, max: number): string {
  const cut = text.length > max ? `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
  return cut.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd');
}
