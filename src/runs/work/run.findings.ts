import type { DatasetFinding, DatasetVersion } from '../../datasets';
import type { ColumnTraits } from '../../engine';
import type { Fault } from '../../kernel';
import type { CompiledPipeline } from '../../pipelines';

type Use = Pick<CompiledPipeline, 'target' | 'drop'>;
type Found = Pick<DatasetVersion, 'findings'>;

const LOG_LINES_MAX = 10;

/** Those of the file as a whole, and of the columns that are not dropped, with what needs attention first. */
export function findingsFor({ findings }: Found, { drop }: Pick<Use, 'drop'>): DatasetFinding[] {
  const dropped = new Set<string | null>(drop);
  const used = findings.filter(({ column }) => !dropped.has(column));
  return [...used.filter(isWarning), ...used.filter((finding) => !isWarning(finding))];
}

const isWarning = ({ severity }: DatasetFinding): boolean => severity !== 'INFO';

/** A line of the log; `finding` is the code of the one that it repeats. */
export interface FindingLine {
  message: string;
  finding: DatasetFinding['code'] | null;
}

/** What the log of a run begins with. */
export function findingLines(findings: DatasetFinding[]): FindingLine[] {
  const lines = findings.filter(isWarning).map((finding) => ({ message: sentences(finding), finding: finding.code }));
  const more = lines.length - LOG_LINES_MAX;
  if (more <= 0) return lines;
  const rest = `${more} more findings in the data; \`Run.findings\` lists them.`;
  return [...lines.slice(0, LOG_LINES_MAX), { message: rest, finding: null }];
}

const sentences = ({ message, fix }: DatasetFinding): string => `${message} ${fix}`;

/** Why a column is text, or why values of it are missing. What else is found in a column, the engine finds as well. */
const REASONS: ReadonlySet<DatasetFinding['code']> = new Set([
  'COMMA_NUMBERS',
  'DISGUISED_MISSING',
  'INFINITE_VALUE',
  'LARGE_INTEGER',
  'LEADING_ZEROS',
  'MIXED_TYPES',
  'NUMBER_FORMAT',
  'TEXT_KEPT',
  'STRAY_ROW',
  'TIME_FORMAT',
  'UNITS_ROW',
] as const);

const columnsOf = ({ column, columns }: DatasetFinding): string[] => columns ?? (column === null ? [] : [column]);

/** How columns came to hold what they hold, by their names: the first reason of each, with the row of its first case. */
export function columnRemarks({ findings }: Found): Map<string, string> {
  const remarks = new Map<string, string>();
  for (const finding of findings.filter(({ code }) => REASONS.has(code)))
    for (const column of columnsOf(finding)) if (!remarks.has(column)) remarks.set(column, finding.message);
  return remarks;
}

/** By which steps choose columns. */
export const columnTraits = ({ columns }: Pick<DatasetVersion, 'columns'>): Map<string, ColumnTraits> =>
  new Map(columns.map(({ name, type, role }) => [name, { type, role }]));

/** A fault at a target, with what the file has to do with it in its hint. */
export function explained<F extends Pick<Fault, 'path' | 'hint'>>(fault: F, { findings }: Found, use: Use): F {
  if (typeof fault.hint !== 'string') return fault;
  const column = targetAt(fault.path, use);
  const reason = findings.find((finding) => REASONS.has(finding.code) && column && columnsOf(finding).includes(column));
  return reason ? { ...fault, hint: `${sentences(reason)} Otherwise: ${lowerFirst(fault.hint)}` } : fault;
}

/** The target that a path such as `steps[0].parameters.targets[1]` is of. */
function targetAt(path: string, { target }: Use): string | undefined {
  const [, index] = /\.targets?(?:\[(\d+)\])?$/.exec(path) ?? [null, null];
  if (index === null) return undefined;
  return [target].flat()[Number(index ?? 0)];
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
