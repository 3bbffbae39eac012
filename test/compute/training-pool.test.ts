import { DeviceSlots, TrainingControl, TrainingPool, type TrainingListener } from '../../src/compute';
import { EngineError, TrainingStopped, type TrainEvent, type TrainRequest } from '../../src/engine';

/** Two numbers and a text; the label follows from their sum. */
function request(rowCount: number, parameters: Record<string, unknown> = {}): TrainRequest {
  const x = Float64Array.from({ length: rowCount }, (_, i) => Math.sin(i * 12.9898) * 3);
  const y = Float64Array.from({ length: rowCount }, (_, i) => Math.cos(i * 78.233) * 2);
  const codes = Int32Array.from(x, (value, i) => Number(value + y[i] > 0));
  return {
    table: {
      rowCount,
      columns: [
        { name: 'x', kind: 'number', values: x },
        { name: 'y', kind: 'number', values: y },
        { name: 'label', kind: 'category', codes, levels: ['no', 'yes'] },
      ],
    },
    target: 'label',
    task: null,
    drop: [],
    split: { kind: 'random', testFraction: 0.2, validationFraction: 0.2, stratify: true },
    preprocess: {
      impute: 'median',
      missingIndicator: true,
      scale: 'standard',
      rareFraction: 0.005,
      levelsMax: 50,
    },
    estimator: { family: 'logistic', parameters: { epochs: 20, ...parameters } },
    seed: 7,
    resume: null,
  };
}

class Recording implements TrainingListener {
  readonly seen: TrainEvent[] = [];
  readonly checkpoints: { state: Uint8Array; lastOrdinal: number }[] = [];
  constructor(private readonly onEvents: (events: TrainEvent[]) => void | Promise<void> = () => undefined) {}
  async events(events: TrainEvent[]): Promise<void> {
    this.seen.push(...events);
    await this.onEvents(events);
  }
  async checkpoint(state: Uint8Array, lastOrdinal: number): Promise<void> {
    this.checkpoints.push({ state, lastOrdinal });
  }
}

describe('TrainingPool', () => {
  const pool = new TrainingPool({ threads: 1 });
  afterAll(() => pool.close());

  test('trains on a thread, reports in order and takes the columns', async () => {
    const input = request(400);
    const recording = new Recording();
    const result = await pool.train(input, recording, new TrainingControl());
    expect(recording.seen.map(({ ordinal }) => ordinal)).toEqual(recording.seen.map((_, i) => i + 1));
    expect(recording.seen.flatMap((e) => (e.kind === 'state' ? [e.state] : []))).toEqual([
      'PREPARING',
      'TRAINING',
      'EVALUATING',
    ]);
    const accuracy = result.evaluation.metrics.find(({ name }) => name === 'accuracy')!;
    expect(accuracy.value).toBeGreaterThan(0.9);
    expect(result.splitCounts).toEqual({ train: 256, validation: 64, test: 80, unused: 0 });
    expect(result.model.byteLength).toBeGreaterThan(100);
    expect(input.table.columns.map((c) => (c.kind === 'number' ? c.values : c.codes).length)).toEqual([0, 0, 0]);
  });

  test('gives the same model for the same seed, whatever the pace of the listener', async () => {
    const slow = new Recording(() => new Promise((resolve) => setTimeout(resolve, 5)));
    const first = await pool.train(request(300), new Recording(), new TrainingControl());
    const second = await pool.train(request(300), slow, new TrainingControl());
    expect(Buffer.from(second.model).equals(Buffer.from(first.model))).toBe(true);
  });

  test('an EngineError crosses the thread with path and hint', async () => {
    const wrong = { ...request(100), target: 'lable' };
    const error = await pool.train(wrong, new Recording(), new TrainingControl()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ path: 'target', message: expect.stringContaining('lable') });
    expect((error as EngineError).hint).toContain('label');
  });

  test('stops between chunks and trains again', async () => {
    const control = new TrainingControl();
    const recording = new Recording((events) => {
      if (events.some(({ kind }) => kind === 'metric')) control.stop();
    });
    const endless = request(2000, { epochs: 10_000, patience: 0 });
    await expect(pool.train(endless, recording, control)).rejects.toBeInstanceOf(TrainingStopped);
    await expect(pool.train(request(100), new Recording(), new TrainingControl())).resolves.toBeDefined();
  });

  test('a failing listener stops the training and is its error', async () => {
    const recording = new Recording(() => Promise.reject(new Error('the disk is full')));
    const endless = request(2000, { epochs: 10_000, patience: 0 });
    await expect(pool.train(endless, recording, new TrainingControl())).rejects.toThrow('the disk is full');
    expect(recording.seen.every(({ ordinal }) => ordinal <= recording.seen.length)).toBe(true);
  });

  test('a step takes the cores it may have', async () => {
    const threadsOf = async (threadsPerRun: number): Promise<number> => {
      const other = new TrainingPool({ threads: 1, threadsPerRun });
      // 1,408 rows by 11,000 weights: more than the 5 million multiply-adds from which a second thread is of use.
      const estimator = { family: 'mlp', parameters: { hidden: [256, 16], batchSize: 2000, epochs: 1 } };
      const input: TrainRequest = { ...request(2200), estimator };
      const { executor } = await other.train(input, new Recording(), new TrainingControl());
      await other.close();
      return executor.threads;
    };
    expect([await threadsOf(1), await threadsOf(2)]).toEqual([1, 2]);
  });

  test('closing stops what runs, without ending the process', async () => {
    const other = new TrainingPool({ threads: 2 });
    let begin!: () => void;
    const started = new Promise<void>((resolve) => (begin = resolve));
    const recording = new Recording(() => begin());
    const endless = request(2000, { epochs: 10_000, patience: 0 });
    const training = other.train(endless, recording, new TrainingControl()).catch((e: unknown) => e);
    await started;
    await other.close();
    expect(await training).toBeInstanceOf(TrainingStopped);
  });
});

test('a core for each run that may be on a GPU is kept off the cores of those on the CPU', async () => {
  const threadsBeside = async (freeBytes: (number | null)[], runsPerDevice: number) => {
    const list = async () =>
      freeBytes.map((free, index) => ({ key: `g${index}`, index, name: 'GPU', freeBytes: free }));
    const devices = new DeviceSlots({ list, lock: async () => null, runsPerDevice });
    const pool = new TrainingPool({ threads: 1, threadsPerRun: 4, provider: 'cpu', devices });
    // Enough work in a step for more threads than one.
    const trainRequest = request(200, {});
    trainRequest.estimator = { family: 'mlp', parameters: { hidden: [512, 512], epochs: 1, batchSize: 64 } };
    const { executor } = await pool.train(trainRequest, new Recording(), new TrainingControl());
    await pool.close();
    return executor.threads;
  };
  expect(await threadsBeside([1e9], 1)).toBe(3);
  expect(await threadsBeside([1e9, 1e9], 1)).toBe(2);
  expect(await threadsBeside([1e9, 1e9], 3)).toBe(1);
  expect(await threadsBeside([null], 1)).toBe(4);
}, 30_000);
