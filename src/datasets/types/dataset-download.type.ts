import { registerEnumType } from 'type-graphql';

export enum DatasetDownloadFormat {
  PARQUET = 'PARQUET',
  CSV = 'CSV',
}

registerEnumType(DatasetDownloadFormat, {
  name: 'DatasetDownloadFormat',
  description: 'How the table of a dataset version is given out.',
  valuesConfig: {
    PARQUET: { description: 'Apache Parquet, as it is stored: with a length, and in parts (`Range`).' },
    CSV: {
      description:
        'CSV as RFC 4180 has it: UTF-8 without a mark, a header, commas, CR LF; missing values are empty fields, times ISO 8601 UTC. ' +
        'Made while it is sent, so without a length, two at a time for a tenant (RATE_LIMITED). Values are as they were sent: a ' +
        'text that begins with =, +, - or @ is a formula to a spreadsheet, which should import the column as text.',
    },
  },
});

/** The name of the file that a format is downloaded from, below the address of its version. */
export const downloadName = (format: DatasetDownloadFormat): string => `data.${format.toLowerCase()}`;
