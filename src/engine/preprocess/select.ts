/** From a table and a request to the task, the target and the columns that become features. */
import { EngineError, type Column, type SplitOptions, type Table, type Task } from '../types';
import { copyOfTarget, emptyOrIdentifier } from './suspicion';
import { readTarget, type Target } from './target';

export interface SelectionRequest {
  table: Table;
  target: string;
  task: Task | null;
  drop: string[];
  split: SplitOptions;
  /** The columns are steps of a sequence, of which none is left out but at request. */
  inOrder?: boolean;
}

export interface Selection {
  target: Target;
  features: Column[];
  leftOut: { column: string; reason: string }[];
  /** What a person should know about the choice, in order. */
  notes: { level: 'info' | 'warn'; message: string }[];
}

/** Throws EngineError with the path of the fault in the request. */
export function selectColumns(request: SelectionRequest): Selection {
  const { table, drop, split } = request;
  checkTable(table);
  const targetColumn = find(table, request.target, 'target');
  drop.forEach((name, i) => find(table, name, `drop[${i}]`));
  if (drop.includes(request.target)) {
    throw new EngineError(`Target "${request.target}" is also in drop.`, 'drop', 'Take it out of drop.');
  }
  const splitColumn = split.kind === 'column' ? find(table, split.column, 'split.column').name : null;
  if (splitColumn === request.target) {
    throw new EngineError(
      'The split column is the target.',
      'split.column',
      'Name the column that holds train and test.',
    );
  }
  const target = readTarget(targetColumn, request.task);
  const set: { features: Column[]; leftOut: Selection['leftOut']; copies: Selection['leftOut'] } = {
    features: [],
    leftOut: [],
    copies: [],
  };
  for (const column of table.columns) {
    if (column.name === request.target) continue;
    const reason =
      requestReason(column.name, drop, splitColumn) ?? (request.inOrder ? null : emptyOrIdentifier(column));
    const copy = reason === null && !request.inOrder ? copyOfTarget(column, target) : null;
    if (reason !== null) set.leftOut.push({ column: column.name, reason });
    else if (copy !== null) set.copies.push({ column: column.name, reason: copy });
    else set.features.push(column);
  }
  return settleCopies(table, target, set, notesOnTarget(table, request.target, target));
}

function requestReason(name: string, drop: string[], splitColumn: string | null): string | null {
  if (name === splitColumn) return 'It holds the split.';
  return drop.includes(name) ? 'Excluded by the request.' : null;
}

/** Copies of the target are left out, unless nothing else is there to learn from. */
function settleCopies(
  table: Table,
  target: Target,
  { features, leftOut, copies }: { features: Column[]; leftOut: Selection['leftOut']; copies: Selection['leftOut'] },
  notes: Selection['notes'],
): Selection {
  if (features.length > 0) return { target, features, leftOut: [...leftOut, ...copies], notes };
  if (copies.length === 0) {
    const hint = leftOut.map(({ column, reason }) => `${column}: ${reason}`).slice(0, 10);
    throw new EngineError(
      'No column is left to learn from.',
      'table',
      hint.length > 0 ? hint.join(' ') : 'Add at least one column besides the target.',
    );
  }
  const names = new Set(copies.map(({ column }) => column));
  const only = table.columns.filter(({ name }) => names.has(name));
  const message = `${copies.map(({ column, reason }) => `${column}: ${reason}`).join(' ')} Kept, as no other column is left.`;
  return { target, features: only, leftOut, notes: [...notes, { level: 'warn', message }] };
}

function notesOnTarget(table: Table, name: string, { task, labels, values, rows }: Target): Selection['notes'] {
  const notes: Selection['notes'] = [];
  const missing = table.rowCount - rows.length;
  if (missing > 0)
    notes.push({ level: 'warn', message: `${missing} rows without a value for "${name}" are not used.` });
  const what = labels === null ? '' : `, classes ${labels.slice(0, 10).join(', ')}${labels.length > 10 ? ', …' : ''}`;
  notes.push({ level: 'info', message: `Task ${task}${what}; ${rows.length} rows.` });
  if (task === 'binary') notes.push({ level: 'info', message: `The positive class is "${labels![1]}".` });
  const counts = new Array<number>(labels?.length ?? 0).fill(0);
  if (labels !== null) for (const row of rows) counts[values[row]]++;
  labels?.forEach((label, k) => {
    if (counts[k] > 1) return;
    notes.push({ level: 'warn', message: `Class "${label}" has a single row; it is trained on but cannot be tested.` });
  });
  return notes;
}

function checkTable({ columns, rowCount }: Table): void {
  const seen = new Set<string>();
  columns.forEach(({ name, ...column }, i) => {
    const path = `table.columns[${i}]`;
    if (name === '') throw new EngineError('A column has no name.', path, 'Give every column a name.');
    if (seen.has(name)) throw new EngineError(`Two columns are named "${name}".`, path, 'Rename one of them.');
    seen.add(name);
    const length = column.kind === 'number' ? column.values.length : column.codes.length;
    if (length !== rowCount) throw new Error(`Column ${name} has ${length} values for ${rowCount} rows.`);
  });
}

function find(table: Table, name: string, path: string): Column {
  const column = table.columns.find((c) => c.name === name);
  if (column) return column;
  const names = table.columns.slice(0, 20).map((c) => c.name);
  const same = table.columns.find((c) => c.name.trim().toLowerCase() === name.trim().toLowerCase());
  throw new EngineError(
    `The table has no column "${name}".`,
    path,
    same
      ? `Did you mean "${same.name}"?`
      : `Its columns are ${names.join(', ')}${table.columns.length > 20 ? ', …' : ''}.`,
  );
}
