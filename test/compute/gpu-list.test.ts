import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listGpus, parseGpus, visibleGpus } from '../../src/compute/training/gpu-list';

const A = 'GPU-5f2c1c3e-6b0f-0d3a-9a55-0c2d6c6f3a11';
const B = 'GPU-a9b1f7d2-1e44-7c6b-8f10-3d5e2b9c7e22';
const MIB = 1024 * 1024;

/** As `nvidia-smi --query-gpu=index,uuid,name,memory.free --format=csv,noheader,nounits` prints them. */
const TWO = `0, ${A}, NVIDIA H100 80GB HBM3, 81007\n1, ${B}, NVIDIA GeForce RTX 3090, 1204\n`;

describe('what nvidia-smi prints', () => {
  test('is read as devices with their free memory', () => {
    expect(parseGpus(TWO)).toEqual([
      { key: A, index: 0, name: 'NVIDIA H100 80GB HBM3', freeBytes: 81_007 * MIB },
      { key: B, index: 1, name: 'NVIDIA GeForce RTX 3090', freeBytes: 1204 * MIB },
    ]);
    expect(parseGpus(TWO.replaceAll('\n', ' MiB\r\n'))).toEqual(parseGpus(TWO));
  });

  test.each(['[N/A]', '[Not Supported]', '[Insufficient Permissions]', '[Unknown Error]', '', '-1', '12.5'])(
    'with memory %p, memory is not known and the device is there',
    (free) => expect(parseGpus(`0, ${A}, NVIDIA GB10, ${free}\n`)[0]).toMatchObject({ key: A, freeBytes: null }),
  );

  test.each([
    '',
    'No devices were found\n',
    'NVIDIA-SMI has failed because it couldn’t communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n',
    'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.54\n',
    'Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error\n',
    `0, ${A}\n`,
    `[GPU requires reset], ${A}, NVIDIA A100, 1\n`,
  ])('without a device in it, as %p, gives none', (text) => expect(parseGpus(text)).toEqual([]));

  test('a fault of one device leaves the others', () => {
    const text = `Unable to determine the device handle for GPU0000:3B:00.0: Unknown Error\n${TWO}`;
    expect(parseGpus(text).map(({ index }) => index)).toEqual([0, 1]);
  });
});

test.each([
  [null, [A, B]],
  ['1', [B]],
  ['1,0', [B, A]],
  [' 0 , 1 ', [A, B]],
  [`${B},0`, [B, A]],
  [B.slice(0, 12), [B]],
  ['0,7,1', [A]],
  ['-1', []],
  ['', []],
  ['MIG-3f1c', []],
])('CUDA_VISIBLE_DEVICES %p shows the devices as CUDA counts them', (visible, keys) => {
  const seen = visibleGpus(parseGpus(TWO), visible);
  expect(seen.map(({ key }) => key)).toEqual(keys);
  expect(seen.map(({ index }) => index)).toEqual(keys.map((_, i) => i));
});

describe('asking the driver', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'praxis-smi-'))));
  afterAll(() => rm(folder, { recursive: true }));

  /** A program in place of nvidia-smi. */
  const program = async (lines: string): Promise<string> => {
    const path = join(folder, 'smi');
    await writeFile(path, `#!/bin/sh\n${lines}\n`);
    await chmod(path, 0o755);
    return path;
  };
  const blind = [{ key: expect.stringMatching(/^of ./), index: 0, name: 'the GPU', freeBytes: null }];

  test('gives the devices that may be used', async () => {
    const command = await program(`[ "$1" = --query-gpu=index,uuid,name,memory.free ] && cat <<'END'\n${TWO}END`);
    expect(await listGpus(null, { command })).toEqual(parseGpus(TWO));
    expect(await listGpus('1', { command })).toMatchObject([{ key: B, index: 0 }]);
  });

  test('that is absent, has no device or never answers leaves one of which nothing is known', async () => {
    expect(await listGpus(null, { command: join(folder, 'absent') })).toEqual(blind);
    expect(await listGpus(null, { command: await program('echo No devices were found; exit 6') })).toEqual(blind);
    expect(await listGpus(null, { command: await program('exec sleep 60'), timeoutMs: 50 })).toEqual(blind);
  });
});
