import type { FastifyInstance } from 'fastify';
import type { Authenticator } from '../../access';
import { downloadRoute, type Download } from '../../downloads';
import { uuidOf } from '../../kernel';
import { DatasetDownloadFormat, downloadName } from '../types/dataset-download.type';
import type { DatasetService } from '../dataset.service';

/** `/datasets/:versionId/data.parquet` and the like: the table of a dataset version in each format. */
export const datasetRoute =
  (datasets: DatasetService, authenticator: Authenticator) =>
  (fastify: FastifyInstance): void => {
    for (const format of Object.values(DatasetDownloadFormat)) {
      const download: Download = {
        url: `/datasets/:versionId/${downloadName(format)}`,
        query: 'datasetVersion',
        find: (context, { versionId = '' }) => datasets.getFile(context, uuidOf('DatasetVersion', versionId), format),
      };
      downloadRoute(download, authenticator)(fastify);
    }
  };
