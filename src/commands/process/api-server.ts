import type { GraphQLSchema } from 'graphql';
import type { Authenticator } from '../../access';
import type { Feature, Platform } from '../../feature';
import { createServer, listenOn, serveMetrics, type MetricsOptions } from '../../graphql';
import { observeProcess, sharedMetrics } from '../../process/metrics';

/** Something that runs until it is closed; what is in flight then ends first. */
export interface Running {
  close(): Promise<unknown>;
}

/** Serves the API on the port of the settings, and metrics on theirs; tells its address. */
export async function serveApi(
  platform: Platform,
  features: Feature[],
  { schema, authenticator }: { schema: GraphQLSchema; authenticator: Authenticator },
): Promise<Running & { address: string }> {
  const { config, log, database, registry } = platform;
  const metrics = metricsOf(platform, 'serve');
  const server = await createServer({
    schema,
    services: { authenticator, database, registry },
    // Where they have a port of their own, this one may be open to the world.
    metrics: config.metrics.port === null ? metrics : null,
    config,
    log,
    routes: features.flatMap(({ routes }) => routes ?? []),
  });
  const told = await tellMetrics(platform, metrics);
  const close = () => Promise.all([server.close(), told?.close()]);
  try {
    return { address: await listenOn(server, config), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What this process tells operators, together with its siblings. */
export function metricsOf({ config, registry }: Platform, role: string): MetricsOptions {
  observeProcess(registry, role);
  return { read: sharedMetrics(registry), token: config.metrics.token };
}

/** Metrics on the port that they have of their own, if they have one. */
export async function tellMetrics({ config, log }: Platform, metrics: MetricsOptions): Promise<Running | null> {
  const { port, host } = config.metrics;
  return port === null ? null : serveMetrics({ ...metrics, port, host }, log);
}
