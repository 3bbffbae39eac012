import { between, byText, byTime, containing, listOf, oneOf, plainList, rowsOf, type ListArgs } from '../db';
import { DatasetVersion } from './dataset-version.entity';
import { Dataset, DatasetFormatEnum } from './dataset.entity';
import type { DatasetFormat } from './ingest/files/file-kind';
import { Upload, UploadState } from './upload/upload.entity';

const LATEST_STATE = `(SELECT u.state FROM uploads u WHERE u.dataset_id = item.id ORDER BY u.created_at DESC, u.id LIMIT 1)`;

export const datasetList = listOf({
  name: 'Dataset',
  table: 'datasets',
  read: rowsOf(Dataset),
  filter: {
    nameContains: containing('item.name', 'Only datasets whose name contains this text.'),
    states: oneOf<UploadState>(
      LATEST_STATE,
      UploadState,
      'Only datasets whose newest upload is in one of these states.',
    ),
    formats: oneOf<DatasetFormat>(
      'item.format',
      DatasetFormatEnum,
      'Only datasets whose files are in one of these formats.',
    ),
    ...between('created_at', 'created'),
  },
  sort: {
    CREATED_AT: byTime('created_at', 'When it was created.'),
    NAME: byText('name', 'Its name.'),
  },
});

export type DatasetListArgs = ListArgs<(typeof datasetList)['filter']>;

export const datasetVersionList = plainList({
  name: 'DatasetVersion',
  table: 'dataset_versions',
  read: rowsOf(DatasetVersion),
  sort: { CREATED_AT: byTime('created_at', 'When it was made.') },
});

export const uploadList = plainList({
  name: 'Upload',
  table: 'uploads',
  read: rowsOf(Upload),
  sort: { CREATED_AT: byTime('created_at', 'When it was made.') },
});

/** Ids of the versions of a dataset, as SQL: for conditions of lists of other features. `id` is SQL, too. */
export const versionsOfDataset = (id: string): string =>
  `SELECT version.id FROM dataset_versions version WHERE version.dataset_id = ${id}`;
