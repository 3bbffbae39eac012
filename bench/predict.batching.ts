/** Dynamic batching by itself: eight callers of one row on one lane, through the batcher and one run per request. */
import { Registry } from 'prom-client';
import { Batcher, InferencePool, type ModelSource, type RowBlock } from '../src/compute';
import { FEATURES, mlpModel } from './predict.model';

const CALLERS = 8;
const REQUESTS = 4000;
const ROUNDS = 3;

interface Side {
  requestsPerSecond: number;
  p95Ms: number;
}

export async function measureBatching(): Promise<{ batched: Side; unbatched: Side; ratio: number }> {
  const pool = new InferencePool();
  const source: ModelSource = {
    tenantId: 'bench',
    key: 'bench/mlp',
    load: async () => ({ model: mlpModel(), assets: [] }),
  };
  const batcher = new Batcher(pool, new Registry());
  await pool.open(source);
  const batched = (block: RowBlock) => batcher.predict(source, block);
  const unbatched = (block: RowBlock) => pool.run(pool.lanes[0], source, block);
  const sides: { batched: Side[]; unbatched: Side[] } = { batched: [], unbatched: [] };
  for (let round = 0; round < ROUNDS; round++) {
    sides.unbatched.push(await measure(unbatched));
    sides.batched.push(await measure(batched));
  }
  await pool.close();
  const best = (all: Side[]) => all.reduce((a, b) => (b.requestsPerSecond > a.requestsPerSecond ? b : a));
  const result = { batched: best(sides.batched), unbatched: best(sides.unbatched) };
  return { ...result, ratio: result.batched.requestsPerSecond / result.unbatched.requestsPerSecond };
}

async function measure(predict: (block: RowBlock) => Promise<unknown>): Promise<Side> {
  const block: RowBlock = { rowCount: 1, numbers: new Float64Array(FEATURES).fill(0.5), texts: [] };
  const times: number[] = [];
  const caller = async () => {
    while (times.length < REQUESTS) {
      const start = performance.now();
      await predict(block);
      times.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  return {
    requestsPerSecond: Math.round(times.length / seconds),
    p95Ms: Number(times[Math.floor(0.95 * times.length)].toFixed(3)),
  };
}
