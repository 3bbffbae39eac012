// Pretrained models own networks that a tenant trained elsewhere and uploaded: Keras models as the TensorFlow.js converter
// writes them, read once into layers as data and their weights, and never changed.
export { PretrainedLayer, PretrainedModel, PretrainedModelState } from './pretrained-model.entity';
export { PretrainedModelResolver } from './pretrained-model.resolver';
export { PRETRAINED_PATH, PretrainedModelService, type PretrainedOptions } from './pretrained-model.service';
export { createPretrained } from './pretrained.feature';
