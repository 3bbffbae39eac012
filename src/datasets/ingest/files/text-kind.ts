/** What a file is that is no table, and what its owner can do: "Please {hint}." */
export interface NamedKind {
  name: string;
  hint: string;
}

/** The beginning of a text. */
interface Beginning {
  /** Without blanks before it. */
  text: string;
  /** Without comments before it either. */
  plain: string;
}

interface TextKind extends NamedKind {
  is: (beginning: Beginning) => boolean;
}

/** No pattern may look at one place of a text in many ways: a hostile text would keep it busy for ever. */
const beginsWith =
  (pattern: RegExp) =>
  ({ text }: Beginning): boolean =>
    pattern.test(text);
const beginsPlainlyWith =
  (pattern: RegExp) =>
  ({ plain }: Beginning): boolean =>
    pattern.test(plain);

const TABLE = 'send a CSV, JSON Lines or Parquet file';
const JSON_LINES = 'write one object per line, for example: jq -c ".[]" FILE';
const MARKUP = 'send the table itself; where the page asks for a sign-in, download the file with your browser first';

/** Texts that people send in place of a table; each is told by how it begins. */
const TEXT_KINDS: TextKind[] = [
  {
    name: 'a Git LFS pointer',
    hint: 'run "git lfs pull" and send the file that it fetches',
    is: beginsWith(/^version https?:\/\/[\w.-]+\/spec\/v\d+\s/),
  },
  {
    name: 'an HTML page',
    hint: MARKUP,
    is: beginsPlainlyWith(/^<(!doctype\s+html|html|head|body|title|table|div|script)\b[^<>]*>/i),
  },
  {
    name: 'an XML document',
    hint: 'export the table as CSV, JSON Lines or Parquet',
    is: beginsPlainlyWith(/^<(\?xml\b|!DOCTYPE\b|[A-Za-z_][\w:.-]*(\s[^<>]*)?>\s*<[^]*<\/)/),
  },
  {
    name: 'a form (multipart/form-data) around a file',
    hint: 'send the bytes of the file alone: curl -T FILE URL (-F makes a form)',
    is: beginsWith(/^--[^\r\n]{1,200}\r?\n(?:[\w-]+:[^\r\n]*\r?\n){0,10}?content-disposition:/i),
  },
  {
    name: 'an answer of a web server with its headers',
    hint: 'save the body alone',
    is: beginsWith(/^HTTP\/[\d.]+ \d{3}/),
  },
  {
    name: 'a Jupyter notebook',
    hint: 'send the table that it writes',
    is: ({ text }) => text.startsWith('{') && /"nbformat"|"cell_type"/.test(text),
  },
  { name: 'one JSON list', hint: JSON_LINES, is: beginsWith(/^\[\s*[[{]/) },
  {
    name: 'one JSON object over several lines',
    hint: JSON_LINES,
    is: beginsWith(/^\{[ \t]*\r?\n\s*"(?:[^"\\\r\n]|\\.)*"\s*:/),
  },
  {
    name: 'an ARFF file (Weka)',
    hint: 'export it as CSV: weka.core.converters.CSVSaver -i FILE',
    is: beginsPlainlyWith(/^@relation\b/i),
  },
  { name: 'a Matrix Market file', hint: 'write it as CSV or Parquet', is: beginsWith(/^%%MatrixMarket\b/) },
  {
    name: 'a dump of a database (SQL)',
    hint: 'export the table itself as CSV',
    is: beginsPlainlyWith(
      /^((create\s+(table|database)|insert\s+into|drop\s+table)\b[^\n]*[(;=]|set\s+[\w.]+\s*=[^\n]*;|copy\s[^\n]*\bfrom\s+stdin\b)/i,
    ),
  },
  {
    name: 'a key or certificate (PEM)',
    hint: 'send a table, and keep the key to yourself',
    is: beginsWith(/^-----BEGIN [A-Z ]+-----/),
  },
  {
    name: 'a Python program',
    hint: 'send the table that it writes',
    is: beginsWith(/^(#!.*python|import \w+( as \w+)?\s*\n|from [\w.]+ import )/),
  },
  {
    name: 'a card or calendar (vCard, iCalendar)',
    hint: 'export it as CSV',
    is: beginsWith(/^BEGIN:V(CARD|CALENDAR)[ \t]*[\r\n]/i),
  },
  {
    name: 'an e-mail',
    hint: 'save the table that it carries, and send that',
    is: beginsWith(/^(?:From [^\r\n]*\r?\n)?(?:[A-Z][\w-]*: [^\r\n]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*){2,50}\r?\n/),
  },
  {
    name: 'a diff (patch)',
    hint: 'send the file that it changes',
    is: beginsWith(/^(diff --git a\/|Index: [^\r\n]*\r?\n=|--- [^\r\n]*\r?\n\+\+\+ [^\r\n]*\r?\n@@ )/),
  },
  {
    name: 'a LaTeX document',
    hint: TABLE,
    is: beginsPlainlyWith(/^\\(documentclass\b|begin\{)/),
  },
  { name: 'a YAML file', hint: TABLE, is: ({ text }) => isYaml(text) },
  { name: 'a file of settings (INI, TOML)', hint: TABLE, is: ({ text }) => isSettings(text) },
  {
    name: 'what psql prints for people',
    hint: "write it as CSV: psql --csv -c 'SELECT …' > FILE",
    is: ({ text }) => isPrinted(text),
  },
  {
    name: 'what mysql and others print for people, with drawn lines',
    hint: "write it as CSV, or divided by tabs: mysql --batch -e 'SELECT …' > FILE",
    is: beginsWith(/^\+[-=]+(\+[-=]+)*\+[ \t]*\r?\n\|/),
  },
  { name: 'a file in base64', hint: 'decode it first: base64 -d FILE', is: ({ text }) => isBase64(text) },
  {
    name: 'LIBSVM text (label index:value …)',
    hint: 'write it as CSV, from Python: sklearn.datasets.load_svmlight_file(FILE), then pandas.DataFrame(x.toarray()).to_csv(…)',
    is: ({ text }) => isMostly(text, LIBSVM_LINE, 0.95),
  },
  {
    name: 'text in columns of fixed width, or divided by blanks',
    hint: 'write it with commas, from Python: pandas.read_fwf(FILE) or pandas.read_csv(FILE, sep=r"\\s+"), then .to_csv(…, index=False)',
    is: ({ text }) => isDividedByBlanks(text),
  },
];

/** The kind of a text, from its beginning; null for what may be a table. */
export function kindOfText(head: string): NamedKind | null {
  const text = head.trimStart();
  const beginning = { text, plain: withoutComments(text) };
  const found = TEXT_KINDS.find(({ is }) => is(beginning));
  return found ? { name: found.name, hint: found.hint } : null;
}

/** How comments begin and end: of HTML and XML, SQL, ARFF. */
const COMMENTS: [open: string, close: string][] = [
  ['<!--', '-->'],
  ['--', '\n'],
  ['/*', '*/'],
  ['%', '\n'],
];

function withoutComments(text: string): string {
  let rest = text;
  for (;;) {
    const comment = COMMENTS.find(([open]) => rest.startsWith(open));
    if (!comment) return rest;
    const end = rest.indexOf(comment[1], comment[0].length);
    if (end < 0) return '';
    rest = rest.slice(end + comment[1].length).replace(/^[\s;]+/, '');
  }
}

const LINES_MAX = 200;
const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`;
const LIBSVM_LINE = new RegExp(`^${NUMBER}(?:,${NUMBER})*(?: +qid:\\d+)?(?: +\\d+:${NUMBER})+\\s*(?:#.*)?$`);

/** Whole lines that are not blank. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r\n?|\n/, LINES_MAX + 1);
  if (lines.length > 1) lines.pop();
  return lines.filter((line) => line.trim() !== '');
}

function isMostly(text: string, pattern: RegExp, share: number): boolean {
  const lines = linesOf(text);
  return lines.length > 0 && lines.filter((line) => pattern.test(line)).length >= share * lines.length;
}

/** Names between bars, and below them a line that is drawn. */
function isPrinted(text: string): boolean {
  const [names = '', line = ''] = linesOf(text);
  return names.includes('|') && /^-+(\+-+)+$/.test(line.trim());
}

/** A section in brackets in the first line that is no comment, and `name = value` in nearly all that are no sections. */
function isSettings(text: string): boolean {
  const [first, ...others] = linesOf(text).filter((line) => !/^\s*[;#]/.test(line));
  if (!first || !SECTION.test(first)) return false;
  const lines = others.filter((line) => !SECTION.test(line));
  return lines.length > 0 && lines.filter((line) => /^\s*[\w.-]+\s*=/.test(line)).length >= 0.9 * lines.length;
}

/** Names with a colon and items with a hyphen in nearly all lines, the first among them. */
function isYaml(text: string): boolean {
  const [first, ...others] = linesOf(text).filter((line) => !/^\s*#/.test(line));
  if (!first || others.length === 0) return false;
  const isMarked = /^(%YAML\b|---\s*$)/.test(first);
  const lines = isMarked ? others : [first, ...others];
  return YAML_LINE.test(lines[0]) && lines.filter((line) => YAML_LINE.test(line)).length >= 0.9 * lines.length;
}

const YAML_LINE = /^\s*(-(\s|$)|---\s*$|(- )?("[^"]{1,100}"|[\w.-]{1,100}):(\s|$))/;

const SECTION = /^\s*\[[^\],]+\]\s*$/;

/** As encoders cut lines (RFC 1421, RFC 2045). Hashes are as long, but of digits and a few letters of one case. */
const BASE64_LINES = [64, 76];
const BASE64_LINE = /^[A-Za-z0-9+/]+$/;

function isBase64(text: string): boolean {
  if (/^data:[\w.+/-]{1,100};base64,/.test(text)) return true;
  const lines = text.split(/\r?\n/, LINES_MAX);
  const last = lines.findLastIndex((line) => line !== '');
  if (last < 1) return false;
  const whole = lines.slice(0, last);
  const width = whole[0].length;
  const isEnd = lines[last].length <= width && /^[A-Za-z0-9+/]+={0,2}$/.test(lines[last]);
  if (!BASE64_LINES.includes(width) || !isEnd || whole.some((line) => line.length !== width || !BASE64_LINE.test(line)))
    return false;
  return /[a-z]/.test(whole[0]) && /[A-Z]/.test(whole[0]) && !/^(?:[0-9a-f]+|[0-9A-F]+)$/.test(whole[0]);
}

/**
 * Whether all lines have the same number of words, and no delimiter of CSV stands in most of them. Blanks between words are in
 * texts too, so the first line must have as many words as the others, and a place among them must be of numbers.
 */
function isDividedByBlanks(text: string): boolean {
  const lines = linesOf(text);
  if (lines.length < 3 || lines.filter((line) => /[,;|"]|\S *\t/.test(line)).length > lines.length / 10) return false;
  const gap = lines.slice(1).every((line) => /\S {2,}\S/.test(line)) ? / {2,}/ : / +/;
  return [gap, / +/].some((blanks) => {
    const rows = lines.map((line) => line.trim().split(blanks));
    const width = rows[0].length;
    const few = blanks.source === ' +' ? 3 : 2;
    if (width < few || rows.some((row) => row.length !== width)) return false;
    const number = new RegExp(`^${NUMBER}$`);
    return rows[0].some((_, at) => rows.slice(1).every((row) => number.test(row[at])));
  });
}
