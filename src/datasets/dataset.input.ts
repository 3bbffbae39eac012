import { ArrayMaxSize, ArrayUnique, IsOptional, Length, ValidateBy, ValidateNested } from 'class-validator';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { ColumnTypeEnum } from './types/column.type';
import { Dataset, DatasetFormatEnum } from './dataset.entity';
import type { DatasetFormat } from './ingest/files/file-kind';
import { COLUMNS_MAX } from './ingest/csv/header';
import type { ColumnType } from './ingest/columns/infer';
import { formatFault, type StatedColumn } from './ingest/columns/stated';
import { UploadAddress } from '../uploads';
import { Upload } from './upload/upload.entity';
import { IsName } from '../kernel';

const RETRY =
  '1 to 200 characters. A retry with the same key and input answers with the same objects; CONFLICT with another input.';

/** Of the `format` of a column. */
const IsFormat = (): PropertyDecorator =>
  ValidateBy({
    name: 'isFormat',
    validator: {
      validate: (value, at) => faultOf(value, at?.object) === null,
      defaultMessage: (at) => faultOf(at?.value, at?.object) ?? '',
    },
  });

function faultOf(format: unknown, column: object | undefined): string | null {
  if (typeof format !== 'string') return 'must be a text';
  const fault = formatFault((column as StatedColumn).type, format);
  return fault && `${fault.what}. ${fault.hint}`;
}

@InputType({ description: 'What is known of a column, so that it need not be recognised.' })
export class UploadColumnInput implements StatedColumn {
  @Field({ description: 'Its name in the header, without blanks around it.' })
  @Length(1, 1_000_000)
  name!: string;

  @Field(() => ColumnTypeEnum, {
    description:
      'TEXT keeps a column of text as it is written, such as codes with leading zeros. So does CATEGORY, which may be said of any ' +
      'column: numbers of a file with types become texts. The other types are read as everywhere, and the file is refused with the ' +
      'first row that does not fit.',
  })
  type!: ColumnType;

  @Field(() => String, {
    nullable: true,
    description:
      'How its cells are written, by the name that `ColumnProfile.format` shows, such as "decimal comma", "points between thousands, ' +
      'decimal comma, \u20ac behind it", "day, month, year" or "ja, nein"; any currency or unit of at most 6 characters may stand before or ' +
      'behind numbers. It decides where cells can be read in two ways. One cell in a hundred may be odd: it is missing, with a warning ' +
      'that names its row; with more the file is refused. Left out: it is recognised. An unknown one is VALIDATION_FAILED with the nearest.',
  })
  @IsOptional()
  @Length(1, 200)
  @IsFormat()
  format?: string | null;
}

const COLUMNS_SAID =
  `Types and formats of columns, at most ${COLUMNS_MAX} and one for each name; those of the others are recognised. A name that the file does not have, ` +
  'and a value that does not fit, refuse the file (COLUMN_MISMATCH).';

/** What is said of the columns of a file. */
const Columns =
  (whenLeftOut: string): PropertyDecorator =>
  (target, key) => {
    const description = `${COLUMNS_SAID} ${whenLeftOut}`;
    Field(() => [UploadColumnInput], { nullable: true, description })(target, key);
    IsOptional()(target, key);
    ArrayMaxSize(COLUMNS_MAX)(target, key);
    ArrayUnique(({ name }: UploadColumnInput) => name, { message: 'names a column twice' })(target, key);
    ValidateNested({ each: true })(target, key);
  };

@InputType({ description: 'A new dataset.' })
export class CreateDatasetInput {
  @Field({ description: 'Name for people, 1 to 200 characters; need not be unique.' })
  @IsName()
  name!: string;

  @Field(() => DatasetFormatEnum, { description: 'Format of the file that will be sent.' })
  format!: DatasetFormat;

  @Columns('It is said of the file that is sent to this address, not of later ones.')
  columns?: UploadColumnInput[] | null;

  @Field(() => String, { nullable: true, description: RETRY })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@InputType({ description: 'A place for a new version of a dataset.' })
export class CreateUploadInput {
  @Field(() => ID, { description: 'The dataset.' })
  @Length(1, 200)
  datasetId!: string;

  @Columns('It is said of the file that is sent to this address, not of later ones.')
  columns?: UploadColumnInput[] | null;

  @Field(() => String, { nullable: true, description: RETRY })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@InputType({ description: 'A file that is kept, to be read again.' })
export class ReingestInput {
  @Field(() => ID, { description: 'The upload that the file came with, or one that has read it again.' })
  @Length(1, 200)
  uploadId!: string;

  @Columns('Left out: as it was said with the upload that is named; empty: all are recognised.')
  columns?: UploadColumnInput[] | null;

  @Field(() => String, { nullable: true, description: RETRY })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'The dataset, and the reading of its file that has begun.' })
export class ReingestPayload {
  @Field(() => Dataset, { description: 'The dataset.' })
  dataset!: Dataset;

  @Field(() => Upload, { description: 'The new reading; `source` is the upload that the file came with.' })
  upload!: Upload;
}

@InputType({ description: 'The dataset to delete.' })
export class DeleteDatasetInput {
  @Field(() => ID, { nullable: true, description: 'The dataset. Needed.' })
  @IsOptional()
  @Length(1, 200)
  datasetId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Deprecated: use `datasetId`.' })
  @IsOptional()
  @Length(1, 200)
  id?: string | null;
}

@ObjectType({ description: 'What was deleted.' })
export class DeleteDatasetPayload {
  @Field(() => ID, { description: 'Global id that the dataset had; it is NOT_FOUND from now on.' })
  id!: string;
}

@ObjectType({ description: 'A dataset and where to send its file.' })
export class DatasetUploadPayload {
  @Field(() => Dataset, { description: 'The dataset.' })
  dataset!: Dataset;

  @Field(() => UploadAddress, {
    description: 'Where to PUT the file. A retry gets a fresh address; the old one stops working.',
  })
  upload!: UploadAddress;
}
