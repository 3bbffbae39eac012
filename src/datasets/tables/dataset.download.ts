import { slugOf, type DownloadFile } from '../../downloads';
import type { ArtifactStore } from '../../storage';
import { CsvExports } from './csv-export';
import type { DatasetDownloadFormat } from '../types/dataset-download.type';
import type { DatasetVersion } from '../dataset-version.entity';

/** The stored table of a version. */
interface StoredTable {
  version: DatasetVersion;
  key: string;
}

/** The table of a version as a file, in each of the formats. */
export class DatasetDownloads {
  private readonly exports = new CsvExports();

  constructor(private readonly artifacts: ArtifactStore) {}

  file(datasetName: string, stored: StoredTable, format: DatasetDownloadFormat): DownloadFile {
    const name = `${slugOf(datasetName, 'dataset')}-v${stored.version.version}.${format.toLowerCase()}`;
    return { name, ...this.formats[format](stored) };
  }

  private readonly formats: Record<DatasetDownloadFormat, (stored: StoredTable) => Omit<DownloadFile, 'name'>> = {
    PARQUET: ({ version, key }) => ({
      tag: version.artifactId,
      byteCount: Number(version.byteCount),
      open: (part) => this.artifacts.readStream(key, part),
    }),
    CSV: ({ version, key }) => ({
      tag: `${version.artifactId}-csv`,
      type: 'text/csv; charset=utf-8; header=present',
      byteCount: null,
      open: async () => this.exports.start(version.tenantId, await this.artifacts.localPath(key), version.columns),
    }),
  };
}
