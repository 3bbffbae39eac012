import { Registry } from 'prom-client';
import { DurationMetric } from '../../src/kernel/process/duration.metric';

test('a duration is told in seconds, and under its old name in milliseconds', async () => {
  const registry = new Registry();
  const metric = new DurationMetric(registry, {
    name: 'praxis_x_seconds',
    help: 'X.',
    buckets: [0.0005, 0.01],
    deprecatedName: 'praxis_x_milliseconds',
  });
  for (const ms of [0.25, 4, 60]) metric.observeMs(ms);
  const lines = (await registry.metrics()).split('\n').filter((line) => line && !line.startsWith('#'));
  expect(lines).toEqual([
    'praxis_x_seconds_bucket{le="0.0005"} 1',
    'praxis_x_seconds_bucket{le="0.01"} 2',
    'praxis_x_seconds_bucket{le="+Inf"} 3',
    'praxis_x_seconds_sum 0.06425',
    'praxis_x_seconds_count 3',
    'praxis_x_milliseconds_bucket{le="0.5"} 1',
    'praxis_x_milliseconds_bucket{le="10"} 2',
    'praxis_x_milliseconds_bucket{le="+Inf"} 3',
    'praxis_x_milliseconds_sum 64.25',
    'praxis_x_milliseconds_count 3',
  ]);
});
