import { chooseExecutor } from '../../src/engine/runtime/choose';
import { EngineError } from '../../src/engine/types';
import { installedProviders } from '../../src/engine/runtime/ort';

test('a small network runs on the CPU, and says why', async () => {
  const { executor, reason } = await chooseExecutor({ threads: 1 }, 12_354);
  expect([executor.name, reason]).toEqual([
    'onnx',
    'ONNX Runtime on cpu: a network of 12354 parameters is too small to gain from a GPU.',
  ]);
});

test('a GPU that is asked for by name and not there is refused, whatever the size of the network', async () => {
  if (installedProviders().includes('cuda')) return;
  const refusal = await chooseExecutor({ threads: 1, provider: 'cuda' }, 100).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(EngineError);
  expect(refusal).toMatchObject({ path: 'executor.provider', hint: expect.stringContaining('AUTO') });
  expect((refusal as Error).message).toBe(
    'The run was to be trained on cuda, which is not part of the installed ONNX Runtime.',
  );
});

test('without a name, a GPU that is not there leads to the CPU with one word about each', async () => {
  const auto = await chooseExecutor({ threads: 1 }, 5_000_000);
  expect(auto.reason).toMatch(/^ONNX Runtime on (cuda: the first|webgpu: the first|cpu: cuda .*; webgpu .*)/);
});

test('the tensorflow executor names the packages it lacks', async () => {
  const asked = chooseExecutor({ threads: 1, executor: 'tensorflow' }, 10);
  await expect(asked).rejects.toThrow(/needs one of its packages.*@tensorflow\/tfjs-node-gpu.*@tensorflow\/tfjs-node/);
});

test('the reference executor is chosen by name', async () => {
  expect((await chooseExecutor({ threads: 1, executor: 'reference' }, 10)).executor.name).toBe('reference');
});
