/**
 * Bare DuckDB, a process of its own: reads a CSV into a table, summarises its columns and writes it as Parquet, with the
 * defaults of DuckDB. Takes the paths of both files as arguments, prints one JSON `BareResult`.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { readFileSync } from 'node:fs';

export interface BareResult {
  seconds: { load: number; summarize: number; write: number; total: number };
  rssMb: number | null;
}

async function bare(csv: string, parquet: string): Promise<BareResult> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const seconds = async (sql: string): Promise<number> => {
    const start = performance.now();
    await connection.runAndReadAll(sql);
    return round((performance.now() - start) / 1e3);
  };
  const load = await seconds(`CREATE TABLE bare AS SELECT * FROM read_csv('${csv}')`);
  const summarize = await seconds('SUMMARIZE bare');
  const write = await seconds(`COPY bare TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`);
  return { seconds: { load, summarize, write, total: round(load + summarize + write) }, rssMb: peakMb() };
}

const round = (value: number): number => Math.round(value * 100) / 100;

function peakMb(): number | null {
  try {
    const kibibytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return kibibytes ? Math.round(Number(kibibytes) / 1024) : null;
  } catch {
    return null;
  }
}

if (require.main === module) {
  const [csv, parquet] = process.argv.slice(2);
  void bare(csv, parquet).then((result) => process.stdout.write(JSON.stringify(result)));
}
