/** What naive Bayes learns: of each class its share, the mean and variance of numbers, and the counts of texts. */
import type { ColumnRows, PlainColumn } from '../learning/fit';

export interface ClassTables {
  classes: number;
  /** By class. */
  logPriors: number[];
  numbers: NumberTable[];
  texts: TextTable[];
}

/** Coefficients by class of (value − center) · inverseScale: squared, itself, and 1. */
export interface NumberTable {
  column: number;
  center: number;
  inverseScale: number;
  square: number[];
  linear: number[];
  constant: number[];
}

export interface TextTable {
  column: number;
  count: number;
  /** [places, classes]; of a missing text 0. */
  logShares: Float64Array;
}

export interface BayesSettings {
  smoothing: number;
  varianceShare: number;
}

/** Of classes that no row has. */
const PRIOR_MIN = 1e-12;

export function fitTables(rows: ColumnRows, classes: number, settings: BayesSettings, look: () => void): ClassTables {
  const totals = new Array<number>(classes).fill(0);
  const weightOf = (i: number): number => (rows.weight ? rows.weight[i] : 1);
  for (let i = 0; i < rows.rows; i++) totals[rows.y[i]] += weightOf(i);
  const all = totals.reduce((a, b) => a + b, 0);
  const tables: ClassTables = {
    classes,
    logPriors: totals.map((total) => Math.log(Math.max(PRIOR_MIN, total / (all || 1)))),
    numbers: [],
    texts: [],
  };
  rows.columns.forEach((column, c) => {
    look();
    if (column.kind === 'number')
      tables.numbers.push(numberTable({ rows, values: column.values, column: c }, classes, settings));
    else tables.texts.push(textTable({ rows, places: column, column: c }, classes, settings));
  });
  return tables;
}

function numberTable(
  { rows, values, column }: { rows: ColumnRows; values: Float64Array; column: number },
  classes: number,
  { varianceShare }: BayesSettings,
): NumberTable {
  const at = (i: number): number => values[rows.at[i]];
  const known = Uint32Array.from({ length: rows.rows }, (_, i) => i).filter((i) => Number.isFinite(at(i)));
  const weightOf = (i: number): number => (rows.weight ? rows.weight[i] : 1);
  const mean = (of: (i: number) => number, taken: Uint32Array): { mean: number; weight: number } => {
    let [sum, weight] = [0, 0];
    for (const i of taken) {
      sum += weightOf(i) * of(i);
      weight += weightOf(i);
    }
    return { mean: weight > 0 ? sum / weight : 0, weight };
  };
  const center = mean(at, known).mean;
  const scale = Math.sqrt(mean((i) => (at(i) - center) ** 2, known).mean) || 1;
  const scaled = (i: number): number => (at(i) - center) / scale;
  const table: NumberTable = { column, center, inverseScale: 1 / scale, square: [], linear: [], constant: [] };
  for (let k = 0; k < classes; k++) {
    const ofClass = known.filter((i) => rows.y[i] === k);
    const { mean: average, weight } = mean(scaled, ofClass);
    // A class without a value says nothing of it but what all say.
    const spread = weight > 0 ? mean((i) => (scaled(i) - average) ** 2, ofClass).mean : 1;
    const variance = spread + varianceShare;
    table.square.push(-1 / (2 * variance));
    table.linear.push(average / variance);
    table.constant.push(-(average ** 2) / (2 * variance) - Math.log(2 * Math.PI * variance) / 2);
  }
  return table;
}

function textTable(
  {
    rows,
    places: { places, count },
    column,
  }: { rows: ColumnRows; places: PlainColumn & { kind: 'category' }; column: number },
  classes: number,
  { smoothing }: BayesSettings,
): TextTable {
  const counts = new Float64Array(count * classes);
  const totals = new Float64Array(classes);
  for (let i = 0; i < rows.rows; i++) {
    const place = places[rows.at[i]];
    if (place === 0) continue;
    const weight = rows.weight ? rows.weight[i] : 1;
    counts[place * classes + rows.y[i]] += weight;
    totals[rows.y[i]] += weight;
  }
  const known = count - 1;
  const logShares = counts.map((value, i) =>
    i < classes ? 0 : Math.log((value + smoothing) / (totals[i % classes] + smoothing * known)),
  );
  return { column, count, logShares };
}

/** Logarithms of the shares of classes together with the row, up to what all classes have. */
export function scoresOf({ logPriors, numbers, texts, classes }: ClassTables, rows: ColumnRows, i: number): number[] {
  const scores = [...logPriors];
  for (const { column, center, inverseScale, square, linear, constant } of numbers) {
    const { values } = rows.columns[column] as PlainColumn & { kind: 'number' };
    const value = (values[rows.at[i]] - center) * inverseScale;
    if (Number.isFinite(value))
      for (let k = 0; k < classes; k++) scores[k] += (square[k] * value + linear[k]) * value + constant[k];
  }
  for (const { column, logShares } of texts) {
    const { places } = rows.columns[column] as PlainColumn & { kind: 'category' };
    for (let k = 0; k < classes; k++) scores[k] += logShares[places[rows.at[i]] * classes + k];
  }
  return scores;
}
