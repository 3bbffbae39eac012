import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

/** The disk of the data directory; the same for all processes of a machine. */
export function registerDiskMetrics(registry: Registry, dataDir: string): void {
  const gauge = (name: string, help: string, read: (disk: StatsFs) => number) =>
    new Gauge({
      ...{ name, help, registers: [registry], aggregator: 'max' },
      async collect() {
        const disk: StatsFs | null = await statfs(dataDir).catch(() => null);
        this.set(disk ? read(disk) : NaN);
      },
    });
  // What a user that is not root may still take.
  gauge('praxis_data_directory_free_bytes', 'Free space on the disk of the data directory.', (d) => d.bavail * d.bsize);
  gauge('praxis_data_directory_size_bytes', 'Size of the disk of the data directory.', (d) => d.blocks * d.bsize);
}
