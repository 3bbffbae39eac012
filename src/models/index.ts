// Models own what training made: one model per pipeline, one immutable version per successful run, with card and file.
// The ONNX file is read by the serving threads and downloaded by `modelRoute`.
export { LeftOutColumn, Model, ModelCard, ModelInput, ModelTarget, ModelVersion } from './model.entity';
export { ModelResolver, ModelVersionResolver } from './model.resolver';
export { modelRoute } from './model.route';
export { ModelService, type NewModelVersion } from './model.service';
