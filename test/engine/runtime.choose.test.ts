import { chooseExecutor } from '../../src/engine/executors/choose';
import { EngineError, type DeviceOffer, type DeviceSharing } from '../../src/engine/types';
import { installedProviders } from '../../src/engine/executors/ort';

/** In parameters and GiB of a GPU. */
const size = (parameterCount: number, gibibytes = 1) => ({ parameterCount, bytes: () => gibibytes * 2 ** 30 });

test('a small network runs on the CPU, and says why', async () => {
  const { executor, reason } = await chooseExecutor({ threads: 1 }, size(12_354));
  expect([executor.name, reason]).toEqual([
    'onnx',
    'ONNX Runtime on cpu: a network of 12354 parameters is too small to gain from a GPU.',
  ]);
});

test('a GPU that is asked for by name and not there is refused, whatever the size of the network', async () => {
  if (installedProviders().includes('cuda')) return;
  const refusal = await chooseExecutor({ threads: 1, provider: 'cuda' }, size(100)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(EngineError);
  expect(refusal).toMatchObject({ path: 'executor.provider', hint: expect.stringContaining('AUTO') });
  expect((refusal as Error).message).toBe(
    'The run was to be trained on cuda, which is not part of the installed ONNX Runtime.',
  );
});

test('without a name, a GPU that is not there leads to the CPU with one word about each', async () => {
  const auto = await chooseExecutor({ threads: 1 }, size(5_000_000));
  expect(auto.reason).toMatch(/^ONNX Runtime on (cuda: the first|webgpu: the first|cpu: cuda .*; webgpu .*)/);
});

test('the tensorflow executor names the packages it lacks', async () => {
  const asked = chooseExecutor({ threads: 1, executor: 'tensorflow' }, size(10));
  await expect(asked).rejects.toThrow(/needs one of its packages.*@tensorflow\/tfjs-node-gpu.*@tensorflow\/tfjs-node/);
});

test('the reference executor is chosen by name', async () => {
  expect((await chooseExecutor({ threads: 1, executor: 'reference' }, size(10))).executor.name).toBe('reference');
});

describe('devices that are shared out', () => {
  const offers = (offer: DeviceOffer) => {
    const seen: string[] = [];
    const devices: DeviceSharing = {
      take: async ({ provider, bytes }) => (seen.push(`${provider} ${bytes / 2 ** 30}`), offer),
      giveBack: () => void seen.push('back'),
    };
    return { devices, seen };
  };
  const refused = { refusal: 'has too little memory', hint: 'Take a smaller batchSize.' };
  const here: string[] = installedProviders().filter((name) => name === 'cuda' || name === 'webgpu');

  test('are asked for with the memory that the training needs, and a refusal is told', async () => {
    const { devices, seen } = offers(refused);
    const auto = await chooseExecutor({ threads: 1, devices }, size(5_000_000, 3));
    expect(auto.provider).toBe('cpu');
    expect(seen).toEqual(here.map((name) => `${name} 3`));
    for (const name of here) expect(auto.reason).toContain(`${name} has too little memory`);
    const named = chooseExecutor({ threads: 1, provider: here[0] as 'webgpu', devices }, size(10));
    await expect(named).rejects.toMatchObject({ path: 'executor.provider', hint: refused.hint });
  });

  test('are not asked for where none is used', async () => {
    const { devices, seen } = offers(refused);
    await chooseExecutor({ threads: 1, devices }, size(100));
    await chooseExecutor({ threads: 1, devices, provider: 'cpu' }, size(5_000_000));
    await chooseExecutor({ threads: 1, devices, executor: 'reference' }, size(5_000_000));
    expect(seen).toEqual([]);
  });

  test('are given back when they do not work, and are in the reason when they do', async () => {
    const { devices, seen } = offers({ index: 0, description: 'Described GPU (plenty is free)' });
    const { provider, reason } = await chooseExecutor({ threads: 1, devices }, size(5_000_000));
    const works = here.indexOf(provider);
    const failed = works < 0 ? here : here.slice(0, works);
    const asked = failed.flatMap((name) => [`${name} 1`, 'back']);
    expect(seen).toEqual(works < 0 ? asked : [...asked, `${provider} 1`]);
    expect(reason).toMatch(works < 0 ? /^ONNX Runtime on cpu: / : /on Described GPU \(plenty is free\)\.$/);
  });
});
