import { IsOptional, Length } from 'class-validator';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { Dataset, DatasetFormatEnum } from './dataset.entity';
import type { DatasetFormat } from './ingest/file-kind';
import { UploadAddress } from '../uploads';
import { IsName } from '../kernel';

const RETRY =
  '1 to 200 characters. A retry with the same key and input answers with the same objects; CONFLICT with another input.';

@InputType({ description: 'A new dataset.' })
export class CreateDatasetInput {
  @Field({ description: 'Name for people, 1 to 200 characters; need not be unique.' })
  @IsName()
  name!: string;

  @Field(() => DatasetFormatEnum, { description: 'Format of the file that will be sent.' })
  format!: DatasetFormat;

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

  @Field(() => String, { nullable: true, description: RETRY })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
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
