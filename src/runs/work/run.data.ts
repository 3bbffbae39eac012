import type { DatasetService, DatasetVersion } from '../../datasets';
import { encodedBytes, type StreamRequest, type TrainRequest } from '../../engine';
import { modelKind } from '../../formats';
import type { TenantContext } from '../../kernel';
import type { CompiledPipeline } from '../../pipelines';
import type { Scratch } from '../../storage';

/** Where the rows of a run are: all in memory, or on disk where they are too many. */
export class RunData {
  constructor(
    private readonly datasets: DatasetService,
    private readonly scratch: Scratch,
    /** Bytes of encoded rows in memory, at most. */
    private readonly bytesMax: number,
  ) {}

  /** Hands on the request with its table, or with a source and a folder for as long as `body` takes. */
  async use<T>(
    context: TenantContext,
    { runId, version, request }: { runId: string; version: DatasetVersion; request: Omit<TrainRequest, 'table'> },
    body: (request: TrainRequest | StreamRequest) => Promise<T>,
  ): Promise<T> {
    if (bytesOf(version, request) <= this.bytesMax) {
      return body({ ...request, table: await this.datasets.readTable(context, version.id) });
    }
    const source = await this.datasets.openTable(context, version.id);
    const { bytesMax } = this;
    return this.scratch.use(runId, (scratch) => body({ ...request, source, bytesMax, scratch }));
  }
}

function bytesOf(version: DatasetVersion, use: CompiledPipeline): number {
  const columns = version.columns.map(({ name, type, role, distinctCount }) => {
    return { name, kind: modelKind(type), distinct: distinctCount, traits: { type, role } };
  });
  return encodedBytes(columns, Number(version.rowCount), use);
}
