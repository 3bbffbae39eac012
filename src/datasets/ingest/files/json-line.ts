/** A line as a flat object, its keys in the order of the text. */
export interface JsonLine {
  value: Record<string, unknown>;
  /** As often as each stands in the text. */
  keys: string[];
  /** Numbers stand in it that are no JSON: NaN and infinities. They count as null. */
  hasNotFinite: boolean;
}

const QUOTE = 34;
const BACKSLASH = 92;
/** Python and others write these, which are no JSON; DuckDB reads them as text. */
const NOT_FINITE = /(?<=[[:,]\s*)-?(?:NaN|Infinity)(?=\s*[\],}])/g;

/** Undefined for what is not a JSON object. */
export function parseLine(text: string): JsonLine | undefined {
  const plain = parseObject(text);
  if (plain) return { value: plain, keys: keysOf(text), hasNotFinite: false };
  if (!/NaN|Infinity/.test(text)) return undefined;
  const finite = text.replace(NOT_FINITE, 'null');
  const value = parseObject(finite);
  return value && { value, keys: keysOf(finite), hasNotFinite: true };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The keys of an object that JSON.parse has read; an object of JavaScript sorts whole numbers and holds each key once. */
function keysOf(text: string): string[] {
  const keys: string[] = [];
  let at = text.indexOf('{') + 1;
  let depth = 1;
  let isKey = true;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (isKey && depth === 1) keys.push(stringOf(text.slice(at, end + 1)));
      isKey = false;
      at = end;
    } else if (code === 0x2c) isKey = true;
    else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return keys;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (text.charCodeAt(end - 1) === BACKSLASH && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (at - before) % 2 === 1;
}

const stringOf = (quoted: string): string =>
  quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
