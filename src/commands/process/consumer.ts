import { join } from 'node:path';
import { DeviceSlots, listGpus, TrainingPool } from '../../compute';
import { forgetSentFiles } from '../../datasets';
import { JobRunner } from '../../db';
import type { Feature, Platform } from '../../feature';
import { isSupervised } from '../../process';
import { ArtifactSweep, Scratch } from '../../storage';
import type { TenantService } from '../../tenants';
import { metricsOf, tellMetrics, type Running } from './api-server';

/** Consumes the durable queue; `stopped` gives the error when that ends by itself: the process should then exit. */
export async function consumeJobs(
  platform: Platform,
  features: Feature[],
  tenants: TenantService,
): Promise<Running & { stopped: Promise<Error | null> }> {
  const { config, log, database, registry, artifacts } = platform;
  const metrics = metricsOf(platform, 'work');
  // One that has a parent is asked through it, by those that answer on a port.
  const told = isSupervised() ? null : await tellMetrics(platform, metrics);
  const devices = new DeviceSlots({
    list: () => listGpus(config.gpusVisible),
    lock: (name) => database.locks.tryTake(name),
    runsPerDevice: config.gpuRunsPerDevice,
  });
  const pool = new TrainingPool({
    registry,
    ...{ threads: config.trainingThreads, threadsPerRun: config.trainingThreadsPerRun },
    ...{ provider: config.trainingProvider, devices, extensions: config.extensions },
  });
  const runner = new JobRunner({ url: config.databaseUrl, log });
  const close = async () => {
    await runner.drain(config.drainMs);
    await pool.close();
    await told?.close();
  };
  const scratch = new Scratch(join(config.dataDir, 'scratch'));
  await scratch.sweep();
  const sweep = { artifacts, database, tenantIds: () => tenants.ids(), forget: forgetSentFiles };
  const jobs = features.flatMap((feature) => feature.jobs?.({ pool, scratch }) ?? []);
  try {
    const slots = slotsOf(platform, Math.max(1, await devices.count()));
    const { stopped } = await runner.start(jobs, { ...slots, scheduled: [new ArtifactSweep(sweep)] });
    return { stopped, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function slotsOf({ config }: Platform, gpuTrainings: number) {
  const { jobConcurrency, ingestions, trainingThreads: trainings } = config;
  return {
    concurrency: jobConcurrency,
    perTenant: allButOne(jobConcurrency),
    lanes: {
      ingest: { slots: ingestions, perTenant: allButOne(ingestions) },
      // These can make way, so a tenant that is alone may have all.
      train: { slots: trainings, perTenant: trainings },
      'train-gpu': { slots: gpuTrainings, perTenant: gpuTrainings },
    },
  };
}

/** The share of one tenant where a job that runs does not make way: another one finds a slot at any time. */
const allButOne = (slots: number): number => Math.max(1, slots - 1);
