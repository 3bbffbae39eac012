import { binRows, fitBins } from '../../../src/engine/trees/bins';
import { boostMemory } from '../../../src/engine/trees/boosting/boost';
import { histogramSize } from '../../../src/engine/trees/growing/histogram';
import { startSummingThreads } from '../../../src/engine/trees/summing/summing.threads';
import { fitPlain } from '../../../src/engine/preprocess/plain/plain';
import { plainColumns } from '../../../src/engine/preprocess/plain/plain.rows';
import { mixedTable, rowNumbers, sumRows } from './boosting.fixture';

it.each([2, 4])('%i threads sum as one does', async (threads) => {
  const rows = 200_000;
  const table = mixedTable(rows);
  const columns = plainColumns(table.columns, fitPlain(table.columns, rowNumbers(rows), {}).encoding.plain!);
  const bins = columns.map((column) => fitBins(column, rowNumbers(rows)));
  const binned = binRows(columns, bins, rowNumbers(rows));
  const memory = boostMemory(rows);
  memory.order.set(rowNumbers(rows));
  memory.packed.set(memory.packed.map((_, row) => ((row * 7919) % 1000) * 2 ** 20 + 1));
  const data = { order: memory.order, values: memory.packed };
  const crew = await startSummingThreads(binned, data, threads);
  try {
    for (const [from, to] of [
      [0, rows],
      [17, 150_001],
      [0, 10],
    ]) {
      const [together, alone] = [0, 1].map(() => new Float64Array(histogramSize(binned)));
      crew.sum(together, binned, { ...data, from, to });
      sumRows(alone, binned, { ...data, from, to });
      expect(together).toEqual(alone);
    }
  } finally {
    crew.close();
  }
});
