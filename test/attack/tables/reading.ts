/** Writes small tables in many ways, sound and faulty, and looks what reading them gives. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetFormat } from '../../../src/datasets';
import { Duck } from '../../../src/datasets/tables/duck';
import { type Finding, RefusedFile, shown } from '../../../src/datasets/ingest/finding';
import { ingestFile, type Ingested } from '../../../src/datasets/ingest/ingest';
import { Scratch } from '../../../src/storage';
import { numbersOf } from '../../datasets/ingest.fixture';
import { Random } from '../../support/random';
import { atMost, type Check } from '../attack';
import type { Place } from './fault';
import { FAULTS } from './faults';
import { parquetBytes } from './parquet.writing';
import {
  meantType,
  type SmallColumn,
  type SmallTable,
  smallTable,
  soundTable,
  type Value,
  withoutCases,
  withoutDurations,
} from './small-table';
import { type Content, WRITINGS } from './writings';

export const FORMATS: DatasetFormat[] = ['CSV', 'JSONL', 'PARQUET'];
const LIMITS = { byteCountMax: 2 ** 24, cellCountMax: 1_000_000, ratioMax: 250 };
const MEMORY_MB = 256;
/** Files that are read side by side. */
const LANES = 2;
const SHOWN_MAX = 20;

/** What a file is, so that it can be made again: seed and number decide it. */
interface Written {
  name: string;
  format: DatasetFormat;
  table: SmallTable;
  bytes: Buffer;
  /** Absent where the file means the table. */
  place?: Place;
}

export interface TableAttack {
  seed: number;
  log(line: string): void;
  /** Files of each sort. */
  files: number;
}

/** Sound writings come back as they were meant; of faulty ones a finding tells the place. */
export async function attackWithTables({ seed, log, files }: TableAttack): Promise<Check[]> {
  const folder = await mkdtemp(join(tmpdir(), 'praxis-attack-tables-'));
  const reading = new Reading(folder);
  try {
    await reading.open();
    for (const sort of ['sound', 'faulty'] as const) {
      let next = 0;
      const lane = async (name: number) => {
        for (let at = next++; at < files; at = next++) {
          await reading.take(await reading.write(sort, seed, at), name);
          if (at % 250 === 249) log(`${at + 1} ${sort} tables`);
        }
      };
      await Promise.all(Array.from({ length: LANES }, (_, name) => lane(name)));
    }
    return await reading.checks(files);
  } finally {
    reading.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Reading {
  private readonly taken = { sound: 0, faulty: 0 };
  private readonly broken = { crash: 0, sound: 0, faulty: 0 };
  private readonly scratch: Scratch;
  private duck!: Duck;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly folder: string) {
    this.scratch = new Scratch(join(folder, 'scratch'));
  }

  async open(): Promise<void> {
    const folder = join(this.folder, 'parquet');
    await mkdir(folder);
    this.duck = await Duck.open({ scratch: folder, readable: [], memoryMb: MEMORY_MB });
  }

  close(): void {
    this.duck?.close();
  }

  /** The file of a number: the formats take turns. */
  async write(sort: 'sound' | 'faulty', seed: number, at: number): Promise<Written> {
    const random = new Random(seed * 1_000_003 + at * 7_919 + (sort === 'sound' ? 0 : 500_000_009));
    const format = FORMATS[at % FORMATS.length];
    const expected = (table: SmallTable) => (format === 'PARQUET' ? withoutCases(withoutDurations(table)) : table);
    if (sort === 'sound') {
      const table = expected(soundTable(random));
      const bytes = await this.bytesOf(WRITINGS[format](table, random), random);
      return { name: `sound ${at}, ${format}`, format, table, bytes };
    }
    const faults = FAULTS[format];
    const fault = faults[Math.floor(at / FORMATS.length) % faults.length];
    const table = expected(smallTable(random, fault.needs));
    const { place, ...file } = fault.make(table, random);
    const bytes = await this.bytesOf(file, random);
    return { name: `faulty ${at}, ${format}, ${fault.name}`, format, table, bytes, place };
  }

  async take(written: Written, lane: number): Promise<void> {
    const path = join(this.folder, `sent-${lane}`);
    await writeFile(path, written.bytes);
    this.taken[written.place ? 'faulty' : 'sound']++;
    const outcome = await this.read(path, written.format, lane).catch((error: unknown) => error);
    if (outcome instanceof RefusedFile) this.refused(written, outcome.findings);
    else if (outcome instanceof Error) this.tell('crash', `${written.name}: ${String(outcome.stack)}`);
    else this.ready(written, outcome as Ingested);
  }

  async checks(files: number): Promise<Check[]> {
    const left = await readdir(join(this.folder, 'scratch')).catch(() => []);
    return [
      atMost('tables whose reading crashed', this.broken.crash, 0, 'tables'),
      atMost('sound tables that were read as others', this.broken.sound, 0, 'tables'),
      atMost('faulty tables without a finding at the place', this.broken.faulty, 0, 'tables'),
      atMost('folders left behind by tables', left.length, 0, 'folders'),
      { ...atMost('sound tables', this.taken.sound, Infinity, 'tables'), ok: this.taken.sound >= files },
      { ...atMost('faulty tables', this.taken.faulty, Infinity, 'tables'), ok: this.taken.faulty >= files },
    ];
  }

  /** At once: an attack takes minutes. */
  private tell(kind: 'crash' | 'sound' | 'faulty', line: string): void {
    if (this.broken[kind]++ < SHOWN_MAX) console.error(line);
  }

  /** The writer of Parquet files has one folder. */
  private bytesOf(content: Content, random: Random): Promise<Buffer> | Buffer {
    if ('bytes' in content) return content.bytes;
    const { parquet, spoil = (bytes: Buffer) => bytes } = content;
    const done = this.turn
      .then(() => parquetBytes(this.duck, join(this.folder, 'parquet'), parquet, random))
      .then(spoil);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private read(path: string, format: DatasetFormat, lane: number): Promise<Ingested> {
    const { signal } = new AbortController();
    return this.scratch.use(`lane-${lane}`, (scratch) =>
      ingestFile({
        ...{ path, format, scratch, limits: LIMITS, memoryMb: MEMORY_MB, signal },
        onProgress: () => undefined,
      }),
    );
  }

  private refused({ name, place }: Written, findings: Finding[]): void {
    const told = findings.map(({ code, message }) => `${code} ${message}`).join(' | ');
    if (!place) this.tell('sound', `${name}: refused: ${told}`);
    else if (!findings.some((finding) => isAt(finding, place)))
      this.tell('faulty', `${name}: refused without ${JSON.stringify(place)}: ${told}`);
  }

  private ready({ name, table, place, format }: Written, { columns, firstRows, findings }: Ingested): void {
    const rows = numbersOf(columns, firstRows);
    if (!place) {
      const odd =
        differences(table.columns, columns, rows) ??
        otherColumns(
          table,
          format,
          columns.map(({ name }) => name),
        );
      if (odd) this.tell('sound', `${name}: ${odd}`);
      return;
    }
    const told = () => findings.map(({ code, message }) => `${code} ${message}`).join(' | ') || 'no finding';
    if (place.refused || !findings.some((finding) => isAt(finding, place)))
      this.tell('faulty', `${name}: read without ${JSON.stringify(place)}: ${told()}`);
    const others = table.columns.filter((column) => place.spares && column.name !== place.column);
    const odd = differences(others, columns, rows);
    if (odd) this.tell('faulty', `${name}: another column suffered: ${odd}`);
  }
}

/** A finding is of one of the kinds, and names what the place names. */
function isAt({ code, column, row, message }: Finding, place: Place): boolean {
  if (!place.codes.includes(code)) return false;
  const isColumn = place.column === undefined || column === place.column || message.includes(shown(place.column));
  const isRow =
    place.row === undefined || row === place.row || new RegExp(`\\b(row|line) ${place.row}\\b`, 'i').test(message);
  return isColumn && isRow;
}

/** The first thing in which the columns that were read are not as they were meant; null when they are. */
function differences(meant: SmallColumn[], columns: Ingested['columns'], rows: Ingested['firstRows']): string | null {
  for (const column of meant) {
    const { name, cells } = column;
    const type = meantType(column);
    const at = columns.findIndex((column) => column.name === name);
    if (at < 0) return `no column ${shown(name)} among ${columns.map((column) => shown(column.name)).join(', ')}`;
    if (columns[at].type !== type) return `${shown(name)} is ${columns[at].type}, not ${type}`;
    if (rows.length !== cells.length) return `${rows.length} rows, not ${cells.length}`;
    const row = cells.findIndex((value, place) => !isSame(rows[place][at], value));
    if (row >= 0) return `${shown(name)}, row ${row + 1}: ${show(rows[row][at])}, not ${show(cells[row])}`;
  }
  return null;
}

/** Columns that nobody meant, or in another order; in JSON Lines keys have none. */
function otherColumns({ columns }: SmallTable, format: DatasetFormat, names: string[]): string | null {
  const meant = columns.map(({ name }) => name);
  const isSound = format === 'JSONL' ? names.length === meant.length : names.join('\0') === meant.join('\0');
  return isSound ? null : `the columns are ${names.map(shown).join(', ')}`;
}

/** The first rows hold long texts without their ends. */
const isSame = (read: unknown, meant: Value): boolean =>
  Object.is(read, meant) ||
  (typeof read === 'string' && read.endsWith('\u2026') && String(meant).startsWith(read.slice(0, -1).trimEnd()));

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);
