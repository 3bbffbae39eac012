import {
  generate,
  hasFailed,
  heatFails,
  overstrainFails,
  powerFails,
  powerOf,
  simulate,
  type FailureModes,
  type Machining,
} from '../../seeds/predictive-maintenance/generator';
import { definition } from '../../seeds/predictive-maintenance/definition';
import { deviation, mean } from './statistics';

/** The published file (UCI 601) has 10,000 rows; these are its figures. */
const PUBLISHED = {
  failures: 339,
  modes: { toolWear: 46, heat: 115, power: 95, overstrain: 98 },
  speedRpm: { mean: 1538.8, deviation: 179.3, minimum: 1168, maximum: 2886 },
  torqueNm: { mean: 39.99, deviation: 9.97 },
  tools: 120,
};

const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
const worlds = seeds.map((seed) => simulate(10_000, seed));
const countOf = (world: (typeof worlds)[number], mode: keyof FailureModes) =>
  world.filter(({ modes }) => modes[mode]).length;
const working: Machining = {
  quality: 'L',
  airK: 300,
  processK: 310,
  speedRpm: 1500,
  torqueNm: 40,
  toolWearMin: 100,
};

describe('the rules of AI4I 2020', () => {
  test('heat fails below both limits only', () => {
    expect(heatFails({ ...working, processK: 308.5, speedRpm: 1379 })).toBe(true);
    expect(heatFails({ ...working, processK: 308.6, speedRpm: 1379 })).toBe(false);
    expect(heatFails({ ...working, processK: 308.5, speedRpm: 1380 })).toBe(false);
  });

  test('power fails outside 3,500 to 9,000 W', () => {
    expect(powerOf({ torqueNm: 10, speedRpm: 3000 })).toBeCloseTo(3141.593, 3);
    expect(powerFails({ ...working, torqueNm: 10, speedRpm: 3000 })).toBe(true);
    expect(powerFails(working)).toBe(false);
    expect(powerFails({ ...working, torqueNm: 70, speedRpm: 1286 })).toBe(true);
  });

  test.each([
    ['L', 11_000],
    ['M', 12_000],
    ['H', 13_000],
  ] as const)('quality %s overstrains above %i min Nm', (quality, limit) => {
    expect(overstrainFails({ ...working, quality, toolWearMin: 200, torqueNm: limit / 200 })).toBe(false);
    expect(overstrainFails({ ...working, quality, toolWearMin: 200, torqueNm: limit / 200 + 0.1 })).toBe(true);
  });
});

describe('the generated process', () => {
  test('has the published means and deviations', () => {
    const rows = worlds.flat().map(({ machining }) => machining);
    const speed = rows.map((m) => m.speedRpm);
    expect(Math.abs(mean(speed) - PUBLISHED.speedRpm.mean)).toBeLessThan(5);
    expect(Math.abs(deviation(speed) - PUBLISHED.speedRpm.deviation)).toBeLessThan(5);
    expect(Math.abs(mean(rows.map((m) => m.torqueNm)) - PUBLISHED.torqueNm.mean)).toBeLessThan(0.1);
    expect(Math.abs(deviation(rows.map((m) => m.torqueNm)) - PUBLISHED.torqueNm.deviation)).toBeLessThan(0.1);
    for (const world of worlds) {
      const air = world.map(({ machining }) => machining.airK);
      const rise = world.map(({ machining }) => machining.processK - machining.airK);
      expect([mean(air), deviation(air), mean(rise), deviation(rise)].map((x) => Math.round(x * 10) / 10)).toEqual([
        300, 2, 10, 1,
      ]);
    }
  });

  test('has the published shares of quality, and wear grows by 5, 3, 2 minutes', () => {
    const [world] = worlds;
    const share = (quality: string) => world.filter(({ machining }) => machining.quality === quality).length / 10_000;
    expect(share('L')).toBeCloseTo(0.5, 1);
    expect(share('M')).toBeCloseTo(0.3, 1);
    expect(share('H')).toBeCloseTo(0.2, 1);
    const step = { H: 5, M: 3, L: 2 };
    for (let i = 1; i < world.length; i++) {
      const { toolWearMin } = world[i].machining;
      const before = world[i - 1].machining;
      expect([0, before.toolWearMin + step[before.quality]]).toContain(toolWearMin);
      if (toolWearMin === 0) expect(before.toolWearMin).toBeGreaterThanOrEqual(200);
    }
  });

  test('fails as often as published, mode by mode, over twelve seeds', () => {
    const average = (count: (world: (typeof worlds)[number]) => number) => mean(worlds.map(count));
    expect(Math.abs(average((w) => countOf(w, 'toolWear')) - PUBLISHED.modes.toolWear)).toBeLessThan(15);
    expect(Math.abs(average((w) => countOf(w, 'power')) - PUBLISHED.modes.power)).toBeLessThan(20);
    expect(Math.abs(average((w) => countOf(w, 'overstrain')) - PUBLISHED.modes.overstrain)).toBeLessThan(30);
    expect(Math.abs(average((w) => countOf(w, 'heat')) - PUBLISHED.modes.heat)).toBeLessThan(40);
    expect(Math.abs(average((w) => countOf(w, 'random')) - 10)).toBeLessThan(4);
    expect(Math.abs(average((w) => w.filter((r) => hasFailed(r.modes)).length) - PUBLISHED.failures)).toBeLessThan(35);
    expect(
      Math.abs(average((w) => w.filter((r) => r.machining.toolWearMin === 0).length) - PUBLISHED.tools),
    ).toBeLessThan(15);
  });

  test('the case as run lies near the published counts', () => {
    const world = simulate(definition.rowCount, definition.seed);
    const failures = world.filter(({ modes }) => hasFailed(modes)).length;
    expect(Math.abs(failures - PUBLISHED.failures)).toBeLessThan(25);
    for (const [mode, count] of Object.entries(PUBLISHED.modes)) {
      expect(Math.abs(countOf(world, mode as keyof FailureModes) - count)).toBeLessThan(20);
    }
  });
});

test('the table hides the modes, follows from the seed, and has unique products', () => {
  const first = generate(500, 3);
  expect(generate(500, 3)).toEqual(first);
  expect(generate(500, 4)).not.toEqual(first);
  expect(first.columns).toHaveLength(8);
  expect(new Set(first.rows.map(([id]) => id)).size).toBe(500);
});
