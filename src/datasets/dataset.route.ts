import type { Authenticator } from '../access';
import { downloadRoute } from '../downloads';
import { uuidOf } from '../kernel';
import type { DatasetService } from './dataset.service';

/** `/datasets/:versionId/data.parquet`: the table of a dataset version. */
export const datasetRoute = (datasets: DatasetService, authenticator: Authenticator) =>
  downloadRoute(
    {
      url: '/datasets/:versionId/data.parquet',
      query: 'datasetVersion',
      find: (context, { versionId = '' }) => datasets.getFile(context, uuidOf('DatasetVersion', versionId)),
    },
    authenticator,
  );
