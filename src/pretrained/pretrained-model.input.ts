import { IsOptional, Length } from 'class-validator';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { UploadAddress } from '../uploads';
import { PretrainedModel } from './pretrained-model.entity';
import { IsName } from '../kernel';

@InputType({ description: 'A model to upload.' })
export class CreatePretrainedModelInput {
  @Field({ description: 'Name for people, 1 to 200 characters; need not be unique.' })
  @IsName()
  name!: string;

  @Field(() => String, {
    nullable: true,
    description:
      '1 to 200 characters. A retry with the same key and input answers with the same model; CONFLICT with another input.',
  })
  @IsOptional()
  @Length(1, 200)
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'A pretrained model and where to send its files.' })
export class PretrainedModelUploadPayload {
  @Field(() => PretrainedModel, { description: 'The model.' })
  pretrainedModel!: PretrainedModel;

  @Field(() => UploadAddress, {
    description:
      'Where to PUT a ZIP file of the folder that the Keras converter wrote: model.json and the .bin files beside it. It ' +
      'is read at once: 201 says that the model is READY, with `warnings` as the model has them; 400 says in `error.issues` which layer, weight or file is at ' +
      'fault and what to do, keeps nothing, and the address may be used again. A retry gets a fresh address.',
  })
  upload!: UploadAddress;
}

@InputType({ description: 'The pretrained model to delete.' })
export class DeletePretrainedModelInput {
  @Field(() => ID, { nullable: true, description: 'The pretrained model. Needed.' })
  @IsOptional()
  @Length(1, 200)
  pretrainedModelId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Deprecated: use `pretrainedModelId`.' })
  @IsOptional()
  @Length(1, 200)
  id?: string | null;
}

@ObjectType({ description: 'What was deleted.' })
export class DeletePretrainedModelPayload {
  @Field(() => ID, { description: 'Global id that the model had; it is NOT_FOUND from now on.' })
  id!: string;
}
